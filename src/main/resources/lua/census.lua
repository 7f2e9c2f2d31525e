-- Counts what waits in one partition, and lets go what is kept there no longer: where no events come nobody else does.
--
-- KEYS  1 n  2 due  3 a of registered webhooks  4 history  5 ends of history  6 times of history  7 retained  8 e  9 t;  then per target: w, a, x
-- ARGV  1 of how many events a history is kept at most  2 how many bytes are retained at most;  then the targets, none of them registered
-- Answer  of all registered webhooks together: events queued, their bytes, lanes leased, lanes parked, lanes in all, dead letters, dead
--         letters that went for newer ones, age of the oldest head in ms that is not being delivered for the first time;
--       then how many of them may have a lane that is ready (100 at most), their names;
--       then per target: events queued, their bytes, lanes leased, lanes parked, lanes in all, dead letters, those that went, age of
--         the oldest such head, lanes ready, ms for which the longest of them has been, ms for which it is held;
--       then how many events are retained beyond their deliveries, their bytes
local MOST_DUE, GONE_A_STEP = 100, 200
local n, due, t, webhooks = KEYS[1], KEYS[2], KEYS[9], 'webhooks'
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

for i = 3, #ARGV do
  local target, w, a, x = ARGV[i], KEYS[3 * i + 1], KEYS[3 * i + 2], KEYS[3 * i + 3]
  add_count('queued', target)
  add_count('queued-bytes', target)
  add_count('leased', target)
  add(redis.call('ZCOUNT', w, '+inf', '+inf'))
  add(redis.call('ZCARD', w))
  add(redis.call('ZCARD', x))
  add_count('gone', target)
  add_age(a)
  add(redis.call('ZCOUNT', w, '-inf', int(at)))
  local held = math.max(0, tonumber(redis.call('HGET', t, target) or '0') - at)
  local first = redis.call('ZRANGE', w, 0, 0, 'WITHSCORES')
  add(held == 0 and math.max(0, at - tonumber(first[2] or 'inf')) or 0)
  add(held)
end

forget_histories({ history = KEYS[4], ends = KEYS[5], times = KEYS[6] }, at, tonumber(ARGV[1]), GONE_A_STEP)
let_go({ retained = KEYS[7], e = KEYS[8], n = n }, at, tonumber(ARGV[2]), GONE_A_STEP)
for _, what in ipairs({ 'retained', 'retained-bytes' }) do add(redis.call('HGET', n, what)) end
return answer
