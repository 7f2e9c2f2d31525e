-- Names some of the lanes into which an event is still to be put.
--
-- KEYS  1 rest of the lanes
-- ARGV  1 how many at most
-- Answer  the lanes
return redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
