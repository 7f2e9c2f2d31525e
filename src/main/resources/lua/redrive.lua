-- Puts events that were set aside back into their lane, all of them in one step.
--
-- KEYS  1 q  2 w  3 l  4 e  5 due  6 t  7 x  8 a  9 n  10 why  11 history  12 ends of history  13 the job's progress
--       14 x of all registered webhooks
-- ARGV  1 target  2 lane  3 front or back  4 for how many ms the history is kept, 0 for not at all  5 for how many ms the progress is
--       kept  6 up to when they were set aside;  then the events, in the order of their sequence
-- Answer  how many were put back, how many the job has put back in this partition by now
--
-- Keeps: each is put back once, however often it is asked for, also where it is set aside again; the head that is in flight stays first. To
-- the front each goes before what is queued of a higher sequence; one that does not belong near either end of a long lane stays where it
-- is, as does what Redis has lost the body of. Begins with a write that needs no memory.
local MOST_PASSED = 5000
local q, w, l, e, due, t, x, a, n, why =
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local target, lane, to_front, kept, latest = ARGV[1], ARGV[2], ARGV[3] == 'front', tonumber(ARGV[4]), tonumber(ARGV[6])
local store = { e = e, why = why, every = KEYS[14] }
local at = now()
local held = tonumber(redis.call('HGET', t, target) or '0')
redis.call('PERSIST', w)

local function sequence(id) return tonumber(string.match(id, '(%d+)$')) end

local function is_there(id)
  local set_aside = redis.call('ZSCORE', x, lane .. '|' .. id)
  return set_aside and tonumber(set_aside) <= latest and redis.call('HEXISTS', e, id) == 1
end

local moved, queued_bytes, dead_bytes = {}, 0, 0
local function take(id)
  moved[#moved + 1] = id
  dead_bytes = dead_bytes + take_dead(store, x, target, lane .. '|' .. id)
  queued_bytes = queued_bytes + redis.call('HSTRLEN', e, id)
  remember(KEYS[11], KEYS[12], lane, id, at, 'redriven', '', kept)
end

local function push(command, ids, from, step)
  local A_CALL = 500
  local some = {}
  for i = from, from == 1 and #ids or 1, step do
    some[#some + 1] = ids[i]
    if #some == A_CALL then
      redis.call(command, q, unpack(some))
      some = {}
    end
  end
  if #some > 0 then redis.call(command, q, unpack(some)) end
end

-- Each before the first one of a higher sequence. What is passed on the way is taken out and put back together with them.
local function merge(letters, first)
  local A_LOOK = 500
  local merged, passed, i, is_end = {}, 0, 1, false
  while i <= #letters and passed < MOST_PASSED and not is_end do
    local some = redis.call('LRANGE', q, first + passed, first + passed + A_LOOK - 1)
    for _, queued in ipairs(some) do
      while i <= #letters and sequence(letters[i]) < sequence(queued) do
        merged[#merged + 1] = letters[i]
        take(letters[i])
        i = i + 1
      end
      if i > #letters then break end
      merged[#merged + 1] = queued
      passed = passed + 1
    end
    is_end = #some < A_LOOK
  end
  if #moved > 0 then
    local in_flight = first == 1 and redis.call('LPOP', q)
    if passed > 0 then redis.call('LPOP', q, passed) end
    push('LPUSH', merged, #merged, -1)
    if in_flight then redis.call('LPUSH', q, in_flight) end
  end
  local behind, last = {}, sequence(redis.call('LINDEX', q, -1))
  for j = i, #letters do
    if is_end or sequence(letters[j]) > last then
      behind[#behind + 1] = letters[j]
      take(letters[j])
    end
  end
  push('RPUSH', behind, 1, 1)
end

local letters = {}
for i = 7, #ARGV do
  if is_there(ARGV[i]) then letters[#letters + 1] = ARGV[i] end
end

local record, before = read_lane(l, lane), redis.call('LINDEX', q, 0)
if not record then
  local lanes, in_target = { l = l, due = due, n = n }, { q = q, w = w, a = a }
  for _, id in ipairs(letters) do
    take(id)
    append(lanes, in_target, lane, target, id, redis.call('HSTRLEN', e, id), at, held, nil, 0)
  end
  if #moved > 0 then redis.call('ZADD', a, accepted_at(redis.call('HGET', e, moved[1])), lane) end
elseif #letters > 0 then
  if to_front then
    merge(letters, record.token == '0' and 0 or 1)
  else
    for _, id in ipairs(letters) do take(id) end
    push('RPUSH', letters, 1, 1)
  end
  tally(n, 'queued', target, #moved, queued_bytes)
  local head = redis.call('LINDEX', q, 0)
  if head ~= before then
    redis.call('ZADD', a, accepted_at(redis.call('HGET', e, head)), lane)
    write_lane(l, lane, '0', 0, '', '')
    if redis.call('ZSCORE', w, lane) ~= 'inf' then
      redis.call('ZADD', w, at, lane)
      due_by(due, target, math.max(at, held))
    end
  end
end
if #moved > 0 then tally(n, 'dead', target, 0 - #moved, 0 - dead_bytes) end

local by_now = #moved + tonumber(redis.call('GET', KEYS[13]) or '0')
redis.call('SET', KEYS[13], by_now, 'PX', ARGV[5])
return { #moved, by_now }
