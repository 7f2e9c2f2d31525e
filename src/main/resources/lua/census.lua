-- Counts what waits in one partition.
--
-- KEYS  1 n;  then per target: w, a, x
-- ARGV  the targets
-- Answer  per target: events queued, lanes leased, lanes ready, lanes parked, lanes in all, dead letters, age of the oldest
--         head in ms that is not being delivered for the first time
local at = now()
local answer = {}
local function count(value) answer[#answer + 1] = int(tonumber(value or '0')) end
for i, target in ipairs(ARGV) do
  local w, a, x = KEYS[3 * i - 1], KEYS[3 * i], KEYS[3 * i + 1]
  local oldest = redis.call('ZRANGE', a, 0, 0, 'WITHSCORES')
  count(redis.call('HGET', KEYS[1], 'queued:' .. target))
  count(redis.call('HGET', KEYS[1], 'leased:' .. target))
  count(redis.call('ZCOUNT', w, '-inf', int(at)))
  count(redis.call('ZCOUNT', w, '+inf', '+inf'))
  count(redis.call('ZCARD', w))
  count(redis.call('ZCARD', x))
  count(oldest[2] and at - tonumber(oldest[2]) or 0)
end
return answer
