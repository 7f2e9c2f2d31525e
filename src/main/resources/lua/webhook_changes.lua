-- Tells what changed of the webhooks.
--
-- KEYS  1 webhooks  2 changed  3 version  4 floor
-- ARGV  1 since which version  2 how many changes at most
-- Answer  {1 when everything is told anew, because removals since then are forgotten or Redis lost what came later, else 0;  up to which version this tells;
--       then per change: id, version, record; a removed webhook has an empty one}
local since = ARGV[1]
local anew = 0
local version = redis.call('GET', KEYS[3]) or '0'
local floor = redis.call('GET', KEYS[4]) or '0'
if tonumber(since) > tonumber(version) or (since ~= '0' and tonumber(since) < tonumber(floor)) then
  since, anew = '0', 1
end
local most = tonumber(ARGV[2])
local found = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. since, '+inf', 'WITHSCORES', 'LIMIT', 0, most)
local upto = #found == 2 * most and found[#found] or version
local answer = { anew, upto }
for i = 1, #found, 2 do
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = found[i + 1]
  answer[#answer + 1] = redis.call('HGET', KEYS[1], found[i]) or ''
end
return answer
