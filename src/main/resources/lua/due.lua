-- Tells which targets of a partition have, or may have, lanes to claim.
--
-- KEYS  1 due  2 spreading
-- ARGV  1 how many targets at most
-- Answer  ms until the next target is due or -1;  how many events are still to be spread (10 at most), what each is in order with
--       and its id;  then the targets due now
local at = int(now())
local answer = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', at, 'LIMIT', 0, ARGV[1])
local later = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. at, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
table.insert(answer, 1, later[2] and int(tonumber(later[2]) - tonumber(at)) or '-1')
local unfinished = redis.call('HGETALL', KEYS[2])
local told = math.min(#unfinished, 20)
for i = told, 1, -1 do table.insert(answer, 2, unfinished[i]) end
table.insert(answer, 2, told / 2)
return answer
