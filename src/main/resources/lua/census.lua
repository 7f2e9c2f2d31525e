-- Counts what waits in one partition.
--
-- KEYS  1 n  2 due  3 a of registered webhooks;  then per target: w, a, x
-- ARGV  the targets, none of them registered
-- Answer  of all registered webhooks together: events queued, their bytes, lanes leased, lanes parked, lanes in all, dead letters, dead
--         letters that went for newer ones, age of the oldest head in ms that is not being delivered for the first time;
--       then how many of them may have a lane that is ready (100 at most), their names;
--       then per target: events queued, their bytes, lanes leased, lanes parked, lanes in all, dead letters, those that went, age of
--         the oldest such head, lanes ready
local MOST_DUE = 100
local n, due, webhooks = KEYS[1], KEYS[2], 'webhooks'
local at = now()
local answer = {}
local function add(value) answer[#answer + 1] = int(tonumber(value or '0')) end
local function add_count(what, target) add(redis.call('HGET', n, what .. ':' .. target)) end
local function add_age(a)
  local oldest = redis.call('ZRANGE', a, 0, 0, 'WITHSCORES')
  add(oldest[2] and at - tonumber(oldest[2]) or 0)
end

for _, what in ipairs({ 'queued', 'queued-bytes', 'leased', 'parked', 'lanes', 'dead', 'gone' }) do add_count(what, webhooks) end
add_age(KEYS[3])
add(0)
local named = #answer
for _, target in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', int(at), 'LIMIT', 0, MOST_DUE)) do
  if is_registered(target) then answer[#answer + 1] = target end
end
answer[named] = #answer - named

for i, target in ipairs(ARGV) do
  local w, a, x = KEYS[1 + 3 * i], KEYS[2 + 3 * i], KEYS[3 + 3 * i]
  add_count('queued', target)
  add_count('queued-bytes', target)
  add_count('leased', target)
  add(redis.call('ZCOUNT', w, '+inf', '+inf'))
  add(redis.call('ZCARD', w))
  add(redis.call('ZCARD', x))
  add_count('gone', target)
  add_age(a)
  add(redis.call('ZCOUNT', w, '-inf', int(at)))
end
return answer
