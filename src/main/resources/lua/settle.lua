-- Settles one attempt at a lane's head: delivered and dead events leave the lane, and the next one comes with the answer; a
-- failed one stays where it is and the whole lane waits for it.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 x  8 a  9 n  10 why  11 history  12 ends of history  13 latest
--       14 x of all registered webhooks
-- ARGV  1 target  2 lane  3 token  4 event id  5 outcome: delivered, dead, failed, parked, or skipped, when no attempt was made
--       because its operator wants it set aside  6 lease in ms
--       7 failed: ms until the next attempt  8 whether the gateway would deliver the next one at once (1 or 0)
--       9 why it failed  10 for how many ms the history is kept, 0 for not at all  11 what the history is told of the attempt
--       12 dead: what goes for it, see bury
-- Answer  {'stale'}, or {what became of the lane, now ...}: {'empty', now}, {'ready', now}, {'waiting', now},
--       {'parked', now}, {'next', now, event id, stored event}
--
-- Keeps: the head stays in its list until it is settled; a settlement names the token and the head, so that a stale lease
-- changes nothing and a repeated settlement pops nothing; what is delivered frees its memory at once. Every path begins
-- with a write that needs no memory, so that a full Redis drains.
local q, w, l, e, due, t, x, a, n, why =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local target, lane, token, id, outcome = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local lease, delay, wants_next, reason = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9]
local kept, told, out = tonumber(ARGV[10]), ARGV[11], ARGV[12]
local at = now()

local record = read_lane(l, lane)
if not record or record.token ~= token then return { 'stale' } end
local head = redis.call('LINDEX', q, 0)
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
  remember(KEYS[11], KEYS[12], lane, id, at, outcome, told, kept)
  if record.skips == id then write_wish(l, lane, record.parks, '') end
  local bytes = redis.call('HSTRLEN', e, id)
  tally(n, 'queued', target, -1, 0 - bytes)
  if outcome == 'delivered' then
    unneed(e, id)
  else
    local attempts = record.attempts + (outcome == 'dead' and 1 or 0)
    bury({ e = e, n = n, why = why, every = KEYS[14] }, x, target, lane, id, at, bytes, attempts, reason, out)
  end
  head = redis.call('LINDEX', q, 0)
else
  redis.call('ZREM', w, lane)
  remember(KEYS[11], KEYS[12], lane, id, at, outcome, told, kept)
  count(n, 'leased', target, -1)
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, id)), lane)
  write_lane(l, lane, '0', record.attempts + 1, '', reason)
  if outcome == 'parked' or record.parks then
    park(w, l, n, lane, target, '')
    return { 'parked', int(at) }
  end
  redis.call('ZADD', w, int(at + delay), lane)
  due_by(due, target, math.max(at + delay, tonumber(redis.call('HGET', t, target) or '0')))
  return { 'waiting', int(at) }
end

if not head then
  remove_lane(l, w, a, n, KEYS[13], lane, target)
  count(n, 'leased', target, -1)
  return { 'empty', int(at) }
end

local stored = redis.call('HGET', e, head)
if record.parks then
  redis.call('ZADD', a, accepted_at(stored), lane)
  write_lane(l, lane, '0', 0, '', '')
  count(n, 'leased', target, -1)
  park(w, l, n, lane, target, '')
  return { 'parked', int(at) }
end
local held = tonumber(redis.call('HGET', t, target) or '0')
if wants_next and held <= at and stored then
  redis.call('ZADD', w, int(at + lease), lane)
  redis.call('ZADD', a, 'XX', accepted_at(stored), lane)
  write_lane(l, lane, token, 0, id, '')
  return { 'next', int(at), head, stored }
end
redis.call('ZADD', w, int(at), lane)
redis.call('ZADD', a, accepted_at(stored), lane)
write_lane(l, lane, '0', 0, '', '')
count(n, 'leased', target, -1)
due_by(due, target, math.max(at, held))
return { 'ready', int(at) }
