-- Remembers what was sent under an Idempotency-Key.
--
-- KEYS  1 the key's record
-- ARGV  1 digest of the request  2 for how many ms
-- Answer  new, same or other: whether it is the first request under that key, the same one again, or another
--
-- Keeps: the window is fixed from first sight.
local before = redis.call('GET', KEYS[1])
if not before then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 'new'
end
return before == ARGV[1] and 'same' or 'other'
