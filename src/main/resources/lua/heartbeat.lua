-- Says that a gateway is there and how much it has heard of the registered webhooks, and learns the same of all, and which targets
-- are paused, and whether there are jobs to do.
--
-- KEYS  1 pods  2 heard  3 version  4 removed  5 webhooks  6 paused  7 jobs that are not over
-- ARGV  1 the gateway's id  2 ms between two calls of a gateway while there are few; 0 says good-bye  3 how many are few
--       4 the version of the webhooks that the gateway has heard of  5 under which id it was known before, or empty
-- Answer  {version, the lowest version that every gateway has heard of, how many unsubscribed webhooks are not cleared away,
--       how many webhooks there are, {a paused target, why ...}, how many jobs are not over, then the ids of the gateways that are there}
--
-- Keeps: however many gateways there are, one that is alive is not taken for gone: more of them call less often each.
local pods, heard = KEYS[1], KEYS[2]
local at = now()
-- Changes nothing, but a full Redis lets a script through whose first write needs no memory: draining must go on.
redis.call('PERSIST', pods)

if ARGV[5] ~= '' then
  redis.call('ZREM', pods, ARGV[5])
  redis.call('HDEL', heard, ARGV[5])
end
if ARGV[2] == '0' then
  redis.call('ZREM', pods, ARGV[1])
  redis.call('HDEL', heard, ARGV[1])
else
  redis.call('ZADD', pods, int(at), ARGV[1])
  redis.call('HSET', heard, ARGV[1], ARGV[4])
  local period = ARGV[2] * math.max(1, math.ceil(redis.call('ZCARD', pods) / ARGV[3]))
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', pods, '-inf', int(at - 3 * period))) do
    redis.call('ZREM', pods, gone)
    redis.call('HDEL', heard, gone)
  end
end

local answer = redis.call('ZRANGE', pods, 0, -1)
local version = redis.call('GET', KEYS[3]) or '0'
local lowest = tonumber(version)
for _, known in ipairs(redis.call('HVALS', heard)) do lowest = math.min(lowest, tonumber(known)) end
table.insert(answer, 1, redis.call('ZCARD', KEYS[7]))
table.insert(answer, 1, redis.call('HGETALL', KEYS[6]))
table.insert(answer, 1, redis.call('HLEN', KEYS[5]))
table.insert(answer, 1, redis.call('ZCARD', KEYS[4]))
table.insert(answer, 1, int(lowest))
table.insert(answer, 1, version)
return answer
