-- Accepts one event: recognises a repetition, numbers it, appends it to the lane of every target that wants it and leases
-- those lanes that were idle to the gateway that asks, where it has room.
--
-- KEYS  1 m  2 t  3 e  4 l  5 due  6 n  7 dedup, this generation  8 dedup, the one before  9 sequences, this generation
--       10 sequences, the one before  11 x of the source  12 why  13 history  14 ends of history
--       15 spreading  16 rest of the lanes  17 times of history  18 retained
--       19 x of all registered webhooks;  then per target: q, w, a, x, latest
-- ARGV  1 source  2 dedup id, bytes  3 dedup id, text  4 content  5 dedup window in ms
--       6 what the sequence counts by, empty for an event that is alone  7 lease in ms
--       8 why the event is a dead letter of its source, empty when it is none
--       9 for how many ms its history is kept, 0 for not at all  10 of how many events of this partition at most
--       11 with what the history begins  12 what the event is in order with  13 how many lanes there are besides
--       14 how many dead letters of the source are kept in this partition  15 how many bytes of them  16 its type
--       17 under what the newest version is kept, empty when it tells none  18 its version, 30 digits
--       19 whether it is dropped when a newer one was accepted before (1 or 0)
--       20 whether the gateway waits until what was written is safe (1 or 0)
--       21 for how many ms it is kept beyond its deliveries, 0 for not at all  22 how many bytes of such are kept in this partition;
--       then per target: name, lane, room (1, 0 or full), ms for which the gateway knows the target to be held, what goes for it
--       when it is full (see bury), whether it takes the place of an older one of its type (1 or 0);
--       then the other lanes, too many for one step: spread goes on with them, see there
-- Answer  {'duplicate', sequence, 1 when it is still to be spread}, {'busy', event id} when one that it must not overtake is still
--       to be spread, or {'accepted', sequence, now, what became of the lane of each target ...}: see append; ! where
--       its target was full and the event was set aside; with ~ before it where it has taken the place of an older one;
--       instead of 'accepted' 'stale' when a newer one was accepted before, or {'dropped', sequence, now}
--
-- Keeps: an event is accepted once within its window, and wholly or not at all; while it is being spread, none overtakes it; a full Redis refuses before anything is written (the first write is one that needs memory).
local m, t, e, l, due, n = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local dedup, dedup_before, sequences, sequences_before = KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local source, bytes, text, content = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local window, counter, lease, grave = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), ARGV[8]
local history, most, beginning = tonumber(ARGV[9]), tonumber(ARGV[10]), ARGV[11]
local spreading, rest, order, others = KEYS[15], KEYS[16], ARGV[12], tonumber(ARGV[13])
local kind, mark, version, drops, waits = ARGV[16], ARGV[17], ARGV[18], ARGV[19] == '1', ARGV[20] == '1'
local retention = tonumber(ARGV[21])
-- A large one may be in the place of many small ones.
local RETAINED_A_STEP = 20
local FIRST_KEY, KEYS_EACH, FIRST_ARG, ARGS_EACH = 20, 5, 23, 6
local at = now()

-- Halves, because numbers are exact up to 15 digits only, and how texts compare depends on the server's locale.
local function is_older(one, other)
  local high, other_high = tonumber(string.sub(one, 1, 15)), tonumber(string.sub(other, 1, 15))
  if high ~= other_high then return high < other_high end
  return tonumber(string.sub(one, 16)) < tonumber(string.sub(other, 16))
end

local unfinished = redis.call('HGET', spreading, order)
local generation = dedup
local seen = redis.call('HGET', generation, bytes)
if not seen then
  generation = dedup_before
  seen = redis.call('HGET', generation, bytes)
end
if seen then
  local sequence, first = string.match(seen, '^(%d+):(%d+)$')
  -- Fixed from first sight: a repetition never prolongs the window.
  if at - tonumber(first) < window then
    -- Whoever waits waits for what was written before as well, but only if something is written now. This needs no memory.
    if waits then
      local left = redis.call('PTTL', generation)
      redis.call('PEXPIRE', generation, left < 0 and int(2 * window) or math.max(1, left))
    end
    return { 'duplicate', sequence, unfinished == text .. '-' .. sequence and 1 or 0 }
  end
end
if unfinished then return { 'busy', unfinished } end

local sequence = at
if counter ~= '' then
  local last = redis.call('HGET', sequences, counter) or redis.call('HGET', sequences_before, counter)
  if last then sequence = tonumber(last) + 1 end
end
sequence = int(sequence)

-- A mark stands beside the counters, and an event that is alone has none. What is older neither moves it nor prolongs its life:
-- a version far too high by mistake would make everything after it stale for ever.
local stale = false
if mark ~= '' then
  local newest = redis.call('HGET', sequences, mark) or redis.call('HGET', sequences_before, mark)
  stale = newest and is_older(version, newest)
end
local dropped = stale and drops
if dropped then others = 0 end

-- A generation lasts one window, so what stands in it is kept for at least one more.
if at - tonumber(redis.call('HGET', m, 'generation:' .. source) or '0') >= window then
  redis.call('HSET', m, 'generation:' .. source, int(at))
  redis.call('UNLINK', dedup_before, sequences_before)
  if redis.call('EXISTS', dedup) == 1 then redis.call('RENAME', dedup, dedup_before) end
  if redis.call('EXISTS', sequences) == 1 then redis.call('RENAME', sequences, sequences_before) end
end
redis.call('HSET', dedup, bytes, sequence .. ':' .. int(at))
-- One that has only just begun has no end yet, and one that began under a shorter window would end too early.
local function outlast_window(hash)
  if redis.call('PTTL', hash) < window then redis.call('PEXPIRE', hash, int(2 * window)) end
end
outlast_window(dedup)
if counter ~= '' then
  redis.call('HSET', sequences, counter, sequence)
  if mark ~= '' and not stale then redis.call('HSET', sequences, mark, version) end
  outlast_window(sequences)
end

-- Takes the event of a type that was queued last out of its lane; but not one that is in flight, was attempted or waits for an operator.
local function supersede(latest, q, w, a, lane, target)
  local old = redis.call('HGET', latest, kind)
  local first = old and redis.call('LINDEX', q, 0) == old
  if first then
    local record = read_lane(l, lane)
    if record.token ~= '0' or record.attempts > 0 or redis.call('ZSCORE', w, lane) == 'inf' then return false end
  end
  if not old or redis.call('LREM', q, -1, old) == 0 then return false end
  tally(n, 'queued', target, -1, 0 - redis.call('HSTRLEN', e, old))
  unneed(e, old)
  local told = redis.call('HGET', KEYS[13], old)
  if told then
    redis.call('HSET', KEYS[13], old, told .. '\n' .. lane .. '\t' .. int(at) .. '\tsuperseded\t')
  end
  if first then
    local head = redis.call('LINDEX', q, 0)
    if head then
      redis.call('ZADD', a, 'XX', accepted_at(redis.call('HGET', e, head)), lane)
    else
      redis.call('ZREM', a, lane)
    end
  end
  return true
end

local id = text .. '-' .. sequence
local stored = int(at) .. (stale and 's:' or ':') .. content
local answer = { dropped and 'dropped' or stale and 'stale' or 'accepted', sequence, int(at) }
local lanes = { m = m, l = l, due = due, n = n }
local graves = { e = e, n = n, why = KEYS[12], every = KEYS[19] }
local targets = dropped and 0 or (#ARGV - FIRST_ARG + 1 - others) / ARGS_EACH
local names = {}
for i = 1, targets do names[i] = ARGV[FIRST_ARG + (i - 1) * ARGS_EACH] end
local holds = targets > 0 and redis.call('HMGET', t, unpack(names)) or {}

for i = 1, targets do
  local arg, key = FIRST_ARG + (i - 1) * ARGS_EACH, FIRST_KEY + (i - 1) * KEYS_EACH
  local target, lane, room, known_hold = names[i], ARGV[arg + 1], ARGV[arg + 2], tonumber(ARGV[arg + 3])
  local q, w, a, x, latest = KEYS[key], KEYS[key + 1], KEYS[key + 2], KEYS[key + 3], KEYS[key + 4]
  -- One that came too late takes nobody's place.
  local replaces = ARGV[arg + 5] == '1' and not stale
  local replaced = replaces and supersede(latest, q, w, a, lane, target)
  local held = tonumber(holds[i] or '0')
  if known_hold > 0 and at + known_hold > held then
    held = at + known_hold
    redis.call('HSET', t, target, int(held))
  end
  -- What takes the place of another one needs no room.
  local aside = room == 'full' and not replaced
  if aside then
    bury(graves, x, target, lane, id, at, #stored, 0, FULL, ARGV[arg + 4])
    answer[3 + i] = '!'
    beginning = beginning .. '\n' .. lane .. '\t' .. int(at) .. '\tfull\t'
  else
    local became = append(lanes, { q = q, w = w, a = a }, lane, target, id, #stored, at, held, room == '1', lease)
    answer[3 + i] = (replaced and '~' or '') .. became
  end
  if replaces and not aside then redis.call('HSET', latest, kind, id) end
end
for i = #ARGV - others + 1, #ARGV do redis.call('RPUSH', rest, ARGV[i]) end
if others > 0 then redis.call('HSET', spreading, order, id) end

if targets > 0 or grave ~= '' then redis.call('HSET', e, id, stored) end
-- Beyond its deliveries only what is to be delivered to somebody.
local retains = retention > 0 and targets + others > 0
local needed = targets + others + (retains and 1 or 0)
if needed > 1 then redis.call('HSET', e, 'r' .. id, needed) end
if retains then
  local store = { retained = KEYS[18], e = e, n = n }
  retain(store, id, at, retention, #stored)
  let_go(store, at, tonumber(ARGV[22]), RETAINED_A_STEP)
end
if grave ~= '' then
  local dead = tonumber(redis.call('HGET', n, 'dead:@' .. source) or '0')
  local dead_bytes = tonumber(redis.call('HGET', n, 'dead-bytes:@' .. source) or '0')
  local many, large = dead >= tonumber(ARGV[14]), dead_bytes + #stored > tonumber(ARGV[15])
  -- Two, so that fewer are kept before long where the bound was lowered.
  bury(graves, KEYS[11], '@' .. source, '', id, at, #stored, 0, grave, (many and '2:' or '0:') .. (large and '2' or '0'))
end
if history > 0 then
  -- It went into none of the lanes that are named there.
  if dropped then beginning = string.match(beginning, '^[^\t]*\t[^\t]*\t[^\t]*') end
  if stale then beginning = beginning .. '\n\t' .. int(at) .. '\t' .. answer[1] .. '\t' end
  redis.call('HSET', KEYS[13], id, int(at) .. '\n' .. beginning)
  if others > 0 then redis.call('HSET', KEYS[13], 'w' .. id, 1) end
  redis.call('ZADD', KEYS[14], int(at + history), id)
  chronicle(KEYS[17], id, at)
  -- Two for each new one, so that what is over goes however it came about.
  forget_histories({ history = KEYS[13], ends = KEYS[14], times = KEYS[17] }, at, most, 2)
end
return answer
