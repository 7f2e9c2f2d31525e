-- Remembers since when a registered webhook has failed without a single success between.
--
-- KEYS  1 failing
-- ARGV  1 the webhook's id  2 failed or delivered
-- Answer  for how many ms it has been failing; 0 when it is not
if ARGV[2] == 'delivered' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return '0'
end
local at = now()
redis.call('HSETNX', KEYS[1], ARGV[1], int(at))
return int(at - tonumber(redis.call('HGET', KEYS[1], ARGV[1])))
