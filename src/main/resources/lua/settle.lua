-- Settles one attempt at a lane's head: delivered and dead events leave the lane, and the next one comes with the answer; a
-- failed one stays where it is and the whole lane waits for it.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 a  8 n  9 latest;  then those that are named
-- ARGV  1 target  2 lane  3 token  4 event id  5 outcome: delivered, dead, failed, parked, or skipped, when no attempt was made
--       because its operator wants it set aside  6 lease in ms  7 whether the gateway would deliver the next one at once (1 or 0)
--       8 names of the last keys  9 names of the last arguments
-- Named keys: `x`, `every` of all registered webhooks, `why`: unless it was delivered;  `history`, `ends` of it: where one is kept
-- Named arguments: `delay` failed: ms until the next attempt;  `reason` why it failed;  `out` dead: what goes for it, see bury
--       `kept` for how many ms the history is kept, `told` what it is told of the attempt
-- Answer  {'stale'}, or {what became of the lane, now ...}: {'empty', now}, {'ready', now}, {'waiting', now},
--       {'parked', now}, {'next', now, event id, stored event}
--
-- Keeps: the head stays in its list until it is settled; a settlement names the token and the head, so that a stale lease
-- changes nothing and a repeated settlement pops nothing; what is delivered frees its memory at once. Every path begins
-- with a write that needs no memory, so that a full Redis drains.
local q, w, l, e, due, t, a, n, latest =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local target, lane, token, id, outcome = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lease, wants_next = tonumber(ARGV[6]), ARGV[7] == '1'
local key, arg = by_name(ARGV[8], KEYS, 10), by_name(ARGV[9], ARGV, 10)
local delay, reason, kept = tonumber(arg.delay or '0'), arg.reason or '', tonumber(arg.kept or '0')
local at = now()

local record = read_lane(l, lane)
if not record or record.token ~= token then return { 'stale' } end
local first = redis.call('LRANGE', q, 0, 1)
local head, next_one = first[1], first[2]
if outcome == 'skipped' then
  reason = SKIPPED
elseif record.skips == id and (outcome == 'failed' or outcome == 'parked') then
  -- Its operator would rather see it set aside than tried again.
  outcome, reason = 'dead', SKIPPED .. '; ' .. reason
end
local leaves = outcome ~= 'failed' and outcome ~= 'parked'

if head ~= id then
  if not leaves or record.settled ~= id then return { 'stale' } end
  redis.call('PERSIST', w)
elseif leaves then
  redis.call('LPOP', q)
  remember(key.history, key.ends, lane, id, at, outcome, arg.told, kept)
  if record.skips == id then write_wish(l, lane, record.parks, '') end
  local bytes = redis.call('HSTRLEN', e, id)
  tally(n, 'queued', target, -1, 0 - bytes)
  if outcome == 'delivered' then
    unneed(e, id)
  else
    local attempts = record.attempts + (outcome == 'dead' and 1 or 0)
    bury({ e = e, n = n, why = key.why, every = key.every }, key.x, target, lane, id, at, bytes, attempts, reason, arg.out or '0:0')
  end
  head = next_one
else
  redis.call('ZREM', w, lane)
  remember(key.history, key.ends, lane, id, at, outcome, arg.told, kept)
  count(n, 'leased', target, -1)
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, id)), lane)
  write_lane(l, lane, '0', record.attempts + 1, '', reason)
  if outcome == 'parked' or record.parks then
    park(w, l, n, lane, target, '')
    return { 'parked', at }
  end
  redis.call('ZADD', w, at + delay, lane)
  due_by(due, target, math.max(at + delay, tonumber(redis.call('HGET', t, target) or '0')))
  return { 'waiting', at }
end

if not head then
  remove_lane(l, w, a, n, latest, lane, target)
  count(n, 'leased', target, -1)
  return { 'empty', at }
end

local stored = redis.call('HGET', e, head)
if record.parks then
  redis.call('ZADD', a, accepted_at(stored), lane)
  write_lane(l, lane, '0', 0, '', '')
  count(n, 'leased', target, -1)
  park(w, l, n, lane, target, '')
  return { 'parked', at }
end
local held = tonumber(redis.call('HGET', t, target) or '0')
-- What is larger comes to whoever claims the lane and has the memory for it: lanes that end together would bring it all at once.
local LARGE = 32768
if wants_next and held <= at and stored and #stored <= LARGE then
  redis.call('ZADD', w, at + lease, lane)
  redis.call('ZADD', a, 'XX', accepted_at(stored), lane)
  write_lane(l, lane, token, 0, id, '')
  return { 'next', at, head, stored }
end
redis.call('ZADD', w, at, lane)
redis.call('ZADD', a, accepted_at(stored), lane)
write_lane(l, lane, '0', 0, '', '')
count(n, 'leased', target, -1)
due_by(due, target, math.max(at, held))
return { 'ready', at }
