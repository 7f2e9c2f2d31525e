-- Leases lanes of one target that are ready, or whose lease has ended, to the gateway that asks.
--
-- KEYS  1 w  2 due  3 l  4 m  5 t  6 n
-- ARGV  1 target  2 how many at most  3 lease in ms
-- Answer  {'held', ms until the hold ends} or {'lanes', ms until the next lane is due or -1, then per lane: lane, token}
--
-- Keeps: a lane has one lease at a time; `due` is a lower bound of the earliest due lane, and exact after a claim.
local w, due, l, m, t, n = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local target, most, lease = ARGV[1], ARGV[2], tonumber(ARGV[3])
local at = now()

-- Changes nothing; but a script whose first write needs no memory is let through when Redis is full, and draining must go on.
redis.call('PERSIST', w)

local hold = tonumber(redis.call('HGET', t, target) or '0')
if hold > at then
  redis.call('ZADD', due, 'XX', hold, target)
  return { 'held', int(hold - at) }
end
if hold > 0 then redis.call('HDEL', t, target) end

local answer = { 'lanes', '-1' }
for _, lane in ipairs(redis.call('ZRANGEBYSCORE', w, '-inf', int(at), 'LIMIT', 0, most)) do
  local record = read_lane(l, lane)
  if record.parks then
    -- Whoever had it is gone.
    if record.token ~= '0' then count(n, 'leased', target, -1) end
    write_lane(l, lane, '0', record.attempts, '', record.reason)
    park(w, l, n, lane, target, record.skips)
  else
    if record.token == '0' then count(n, 'leased', target, 1) end
    local token = next_token(m, at)
    -- An event settled under the lease before is none of this one's business.
    write_lane(l, lane, token, record.attempts, '', record.reason)
    redis.call('ZADD', w, at + lease, lane)
    answer[#answer + 1] = lane
    answer[#answer + 1] = token
  end
end

local first = redis.call('ZRANGE', w, 0, 0, 'WITHSCORES')
if #first == 0 or first[2] == 'inf' then
  redis.call('ZREM', due, target)
else
  redis.call('ZADD', due, first[2], target)
  answer[2] = int(math.max(0, tonumber(first[2]) - at))
end
return answer
