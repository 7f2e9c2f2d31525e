-- Tells how much is queued for a target in one partition, and how much is set aside.
--
-- KEYS  1 n
-- ARGV  1 target
-- Answer  events queued, their bytes, events set aside, their bytes
local answer = {}
for i, what in ipairs({ 'queued', 'queued-bytes', 'dead', 'dead-bytes' }) do
  answer[i] = redis.call('HGET', KEYS[1], what .. ':' .. ARGV[1]) or '0'
end
return answer
