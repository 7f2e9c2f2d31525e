-- Settles one attempt at a lane's head: delivered and dead events leave the lane, and the next one comes with the answer; a
-- failed one stays where it is and the whole lane waits for it.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 x  8 a  9 n  10 why  11 history  12 ends of history  13 latest
-- ARGV  1 target  2 lane  3 token  4 event id  5 outcome: delivered, dead, failed or parked  6 lease in ms
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
local history, out = tonumber(ARGV[10]), ARGV[12]
local LONG_HISTORY, LONGEST_HISTORY = 8192, 32768
local at = now()

-- Not before a write that needs no memory. How it ended is told in any case, but not of an event of very many lanes: the
-- whole history is written anew for each. Of failures a long one is not told what the target answered, which stands last.
local function remember()
  local length = history > 0 and redis.call('HSTRLEN', KEYS[11], id) or 0
  local full = length >= LONGEST_HISTORY and (outcome == 'failed' or redis.call('HEXISTS', KEYS[11], 'w' .. id) == 1)
  if length == 0 or full then return end
  local told = redis.call('HGET', KEYS[11], id)
  local more = ARGV[11]
  if length >= LONG_HISTORY and outcome == 'failed' then more = string.match(more, '^.*\t') end
  redis.call('HSET', KEYS[11], id, told .. '\n' .. lane .. '\t' .. int(at) .. '\t' .. outcome .. '\t' .. more)
  redis.call('ZADD', KEYS[12], 'XX', int(at + history), id)
end

local record = read_lane(l, lane)
if not record or record.token ~= token then return { 'stale' } end
local head = redis.call('LINDEX', q, 0)
local leaves = outcome == 'delivered' or outcome == 'dead'

if head ~= id then
  if not leaves or record.settled ~= id then return { 'stale' } end
  redis.call('PERSIST', w)
elseif leaves then
  redis.call('LPOP', q)
  remember()
  local bytes = redis.call('HSTRLEN', e, id)
  tally(n, 'queued', target, -1, 0 - bytes)
  if outcome == 'dead' then
    bury({ e = e, n = n, why = why }, x, target, lane, id, at, bytes, record.attempts + 1, reason, out)
  else
    unneed(e, id)
  end
  head = redis.call('LINDEX', q, 0)
else
  redis.call('ZREM', w, lane)
  remember()
  count(n, 'leased', target, -1)
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, id)), lane)
  write_lane(l, lane, '0', record.attempts + 1, '', reason)
  if outcome == 'parked' then
    redis.call('ZADD', w, '+inf', lane)
    count_registered(n, 'parked', target, 1)
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
