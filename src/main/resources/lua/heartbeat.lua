-- Says that a gateway is there, and learns which others are.
--
-- KEYS  1 pods
-- ARGV  1 the gateway's id  2 ms after which a silent one counts as gone; 0 says good-bye
-- Answer  the ids of the gateways that are there
local at = now()
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', int(at - tonumber(ARGV[2])))
  redis.call('ZADD', KEYS[1], int(at), ARGV[1])
end
return redis.call('ZRANGE', KEYS[1], 0, -1)
