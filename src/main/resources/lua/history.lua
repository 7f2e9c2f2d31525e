-- Tells the history of an event.
--
-- KEYS  1 history
-- ARGV  1 event id
-- Answer  when it was accepted, what its history begins with, then a line for each attempt: lane, when it was settled, outcome,
--       what was told of it;  or false
return redis.call('HGET', KEYS[1], ARGV[1])
