-- Does what an operator wants with one lane: at once where nobody delivers its head, else as soon as that attempt has ended or its
-- lease has.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 x  8 a  9 n  10 why  11 history  12 ends of history  13 latest
--       14 x of all registered webhooks
-- ARGV  1 target  2 lane  3 what: retry, park, resume or skip  4 skip: the event  5 for how many ms the history is kept, 0 for not at all
-- Answer  {'done'}; {'later'} while the head is being delivered; {'gone'} when there is no such lane, or no more; {'parked'} when there is
--       nothing to retry because it is; {'other', head} when the event to skip is not the head, or not any more
--
-- Keeps: a repetition of the same wish changes nothing; the head leaves only when it is named.
local q, w, l, e, due, t, x, a, n, why =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local target, lane, what, id, kept = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
local at = now()
redis.call('PERSIST', w)

local record = read_lane(l, lane)
if what == 'skip' and redis.call('ZSCORE', x, lane .. '|' .. id) then return { 'done' } end
if not record then return { 'gone' } end
local claimable = redis.call('ZSCORE', w, lane)
local parked = claimable == 'inf'
local delivered = record.token ~= '0' and tonumber(claimable) > at
local head = redis.call('LINDEX', q, 0)

local function due_now()
  redis.call('ZADD', w, at, lane)
  due_by(due, target, math.max(at, tonumber(redis.call('HGET', t, target) or '0')))
end

-- One whose lease has ended is not delivered any more, whoever had it.
local function take_over()
  if record.token ~= '0' then count(n, 'leased', target, -1) end
  write_lane(l, lane, '0', record.attempts, '', record.reason)
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, head)), lane)
end

if what == 'skip' and head ~= id then return { 'other', head } end
if delivered then
  if what == 'park' then
    write_wish(l, lane, true, record.skips)
  elseif what == 'skip' then
    write_wish(l, lane, record.parks, id)
  else
    if what == 'resume' then write_wish(l, lane, false, record.skips) end
    return { 'done' }
  end
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, head)), lane)
  return { 'later' }
end

if what == 'retry' then
  if parked then return { 'parked' } end
  -- One that is ready keeps its place among the others.
  if tonumber(claimable) > at then due_now() end
elseif what == 'resume' then
  if parked then
    count_registered(n, 'parked', target, -1)
    due_now()
  end
  write_wish(l, lane, false, record.skips)
elseif what == 'park' then
  if not parked then
    take_over()
    park(w, l, n, lane, target, record.skips)
  end
else
  take_over()
  redis.call('LPOP', q)
  remember(KEYS[11], KEYS[12], lane, id, at, 'skipped', '', kept)
  local bytes = redis.call('HSTRLEN', e, id)
  tally(n, 'queued', target, -1, 0 - bytes)
  local reason = SKIPPED .. (record.reason == '' and '' or '; ' .. record.reason)
  bury({ e = e, n = n, why = why, every = KEYS[14] }, x, target, lane, id, at, bytes, record.attempts, reason, '0:0')
  local next_one = redis.call('LINDEX', q, 0)
  if not next_one then
    if parked then count_registered(n, 'parked', target, -1) end
    remove_lane(l, w, a, n, KEYS[13], lane, target)
    return { 'done' }
  end
  write_wish(l, lane, record.parks, '')
  write_lane(l, lane, '0', 0, '', '')
  redis.call('ZADD', a, accepted_at(redis.call('HGET', e, next_one)), lane)
  if not parked then due_now() end
end
return { 'done' }
