-- Accepts one event: recognises a repetition, numbers it, appends it to the lane of every target that wants it and leases
-- those lanes that were idle to the gateway that asks, where it has room.
--
-- KEYS  1 m  2 t  3 e  4 l  5 due  6 n  7 dedup, this generation  8 dedup, the one before  9 sequences, this generation
--       10 sequences, the one before  11 spreading;  then per target: q, w, a;  then those that are named
-- ARGV  1 source  2 dedup id, bytes  3 dedup id, text  4 content  5 dedup window in ms
--       6 what the sequence counts by, empty for an event that is alone  7 lease in ms  8 how many targets there are
--       9 names of the last keys  10 names of the last arguments;  then per target: name, lane, room (1, 0 or full);
--       then what is named; then the other lanes, too many for one step: spread goes on with them, see there
-- Named keys: `x` of the source, `every` of all registered webhooks, `why`: where something is set aside;  `history`, `ends` of it and
--       `times` of it: where one is kept;  `retained`;  `rest` of the lanes;  of a target, with its number behind the name: `x` where it is
--       full, `latest` where it takes the place of an older one of its type
-- Named arguments:
--       `grave` why the event is a dead letter of its source, `letters` how many of these are kept in this partition, `sizes` how many
--         bytes of them
--       `kept` for how many ms its history is kept, `most` of how many events of this partition at most, `beginning` with what it begins
--       `type` of the event, where it takes places;  `mark` under what the newest version is kept, `version` its own, 30 digits, `drops` where
--         it is dropped when a newer one was accepted before
--       `waits` where the gateway waits until what was written is safe
--       `retention` for how many ms it is kept beyond its deliveries, `bytes` of how many such bytes in this partition at most
--       `others` how many lanes there are besides
--       of a target, with its number behind the name: `held` ms for which the gateway knows it to be held, `out` what goes for it when it
--         is full (see bury)
-- Answer  {'duplicate', sequence, 1 when it is still to be spread}, {'busy', event id} when one that it must not overtake is still
--       to be spread, or {'accepted', sequence, now, what became of the lane of each target ...}: see append; ! where
--       its target was full and the event was set aside; with ~ before it where it has taken the place of an older one;
--       instead of 'accepted' 'stale' when a newer one was accepted before, or {'dropped', sequence, now}
--
-- Keeps: an event is accepted once within its window, and wholly or not at all; while it is being spread, none overtakes it; a full Redis refuses before anything is written (the first write is one that needs memory).
local m, t, e, l, due, n = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local dedup, dedup_before, sequences, sequences_before = KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local source, bytes, text, content = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local window, counter, lease, targets = tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
local FIRST_KEY, FIRST_ARG, EACH = 12, 11, 3
local key = by_name(ARGV[9], KEYS, FIRST_KEY + EACH * targets)
local arg = by_name(ARGV[10], ARGV, FIRST_ARG + EACH * targets)
local spreading, order = KEYS[11], counter == '' and text or source .. ':' .. counter
local others = tonumber(arg.others or '0')
-- A large one may be in the place of many small ones.
local RETAINED_A_STEP = 20
-- When an event was seen first, behind its sequence: 7 bytes each, so that an entry fits two of the smallest units of memory.
local SEEN = '>I7I7'
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
  local number, first = struct.unpack(SEEN, seen)
  -- Fixed from first sight: a repetition never prolongs the window.
  if at - first < window then
    local sequence = int(number)
    -- Whoever waits waits for what was written before as well, but only if something is written now. This needs no memory.
    if arg.waits then
      local left = redis.call('PTTL', generation)
      redis.call('PEXPIRE', generation, left < 0 and 2 * window or math.max(1, left))
    end
    return { 'duplicate', sequence, unfinished == text .. '-' .. sequence and 1 or 0 }
  end
end
if unfinished then return { 'busy', unfinished } end

local number = at
if counter ~= '' then
  local last = redis.call('HGET', sequences, counter) or redis.call('HGET', sequences_before, counter)
  if last then number = tonumber(last) + 1 end
end
local sequence = int(number)

-- A mark stands beside the counters, and an event that is alone has none. What is older neither moves it nor prolongs its life:
-- a version far too high by mistake would make everything after it stale for ever.
local stale = false
if arg.mark then
  local newest = redis.call('HGET', sequences, arg.mark) or redis.call('HGET', sequences_before, arg.mark)
  stale = newest and is_older(arg.version, newest)
end
local dropped = stale and arg.drops
if dropped then targets, others = 0, 0 end

-- A generation lasts one window, so what stands in it is kept for at least one more.
local known = redis.call('HMGET', m, 'generation:' .. source, 'token')
local token, last_token = known[2], known[2]
if at - tonumber(known[1] or '0') >= window then
  redis.call('HSET', m, 'generation:' .. source, int(at))
  redis.call('UNLINK', dedup_before, sequences_before)
  if redis.call('EXISTS', dedup) == 1 then redis.call('RENAME', dedup, dedup_before) end
  if redis.call('EXISTS', sequences) == 1 then redis.call('RENAME', sequences, sequences_before) end
end
redis.call('HSET', dedup, bytes, struct.pack(SEEN, number, at))
-- One that has only just begun has no end yet, and one that began under a shorter window would end too early.
local function outlast_window(hash)
  if redis.call('PTTL', hash) < window then redis.call('PEXPIRE', hash, 2 * window) end
end
outlast_window(dedup)
if counter ~= '' then
  redis.call('HSET', sequences, counter, sequence)
  if arg.mark and not stale then redis.call('HSET', sequences, arg.mark, arg.version) end
  outlast_window(sequences)
end

-- Takes the event of a type that was queued last out of its lane; but not one that is in flight, was attempted or waits for an operator.
local function supersede(latest, q, w, a, lane, target)
  local old = redis.call('HGET', latest, arg.type)
  local first = old and redis.call('LINDEX', q, 0) == old
  if first then
    local record = read_lane(l, lane)
    if record.token ~= '0' or record.attempts > 0 or redis.call('ZSCORE', w, lane) == 'inf' then return false end
  end
  if not old or redis.call('LREM', q, -1, old) == 0 then return false end
  tally(n, 'queued', target, -1, 0 - redis.call('HSTRLEN', e, old))
  unneed(e, old)
  local told = redis.call('HGET', key.history, old)
  if told then
    redis.call('HSET', key.history, old, told .. '\n' .. lane .. '\t' .. int(at) .. '\tsuperseded\t')
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
local answer = { dropped and 'dropped' or stale and 'stale' or 'accepted', sequence, at }
local lanes = { l = l, due = due, n = n }
local graves = { e = e, n = n, why = key.why, every = key.every }
local beginning = arg.beginning
local names = {}
for i = 1, targets do names[i] = ARGV[FIRST_ARG + EACH * (i - 1)] end
local holds = targets > 0 and redis.call('HMGET', t, unpack(names)) or {}

for i = 1, targets do
  local target, lane, room = names[i], ARGV[FIRST_ARG + EACH * (i - 1) + 1], ARGV[FIRST_ARG + EACH * (i - 1) + 2]
  local first = FIRST_KEY + EACH * (i - 1)
  local q, w, a, latest = KEYS[first], KEYS[first + 1], KEYS[first + 2], key['latest' .. i]
  -- One that came too late takes nobody's place.
  local replaces = latest and not stale
  local replaced = replaces and supersede(latest, q, w, a, lane, target)
  local held, known_hold = tonumber(holds[i] or '0'), tonumber(arg['held' .. i] or '0')
  if known_hold > 0 and at + known_hold > held then
    held = at + known_hold
    redis.call('HSET', t, target, held)
  end
  -- What takes the place of another one needs no room.
  local aside = room == 'full' and not replaced
  if aside then
    bury(graves, key['x' .. i], target, lane, id, at, #stored, 0, FULL, arg['out' .. i])
    answer[3 + i] = '!'
    if beginning then beginning = beginning .. '\n' .. lane .. '\t' .. int(at) .. '\tfull\t' end
  else
    local next_one = room == '1' and token_after(token, at)
    local became = append(lanes, { q = q, w = w, a = a }, lane, target, id, #stored, at, held, next_one, lease)
    if became == next_one then token = next_one end
    answer[3 + i] = (replaced and '~' or '') .. became
  end
  if replaces and not aside then redis.call('HSET', latest, arg.type, id) end
end
if token ~= last_token then redis.call('HSET', m, 'token', token) end
for i = #ARGV - others + 1, #ARGV do redis.call('RPUSH', key.rest, ARGV[i]) end
if others > 0 then redis.call('HSET', spreading, order, id) end

if targets > 0 or arg.grave then redis.call('HSET', e, id, stored) end
-- Beyond its deliveries only what is to be delivered to somebody.
local retains = arg.retention and targets + others > 0
local needed = targets + others + (retains and 1 or 0)
if needed > 1 then redis.call('HSET', e, 'r' .. id, needed) end
if retains then
  local store = { retained = key.retained, e = e, n = n }
  retain(store, id, at, tonumber(arg.retention), #stored)
  let_go(store, at, tonumber(arg.bytes), RETAINED_A_STEP)
end
if arg.grave then
  local dead = tonumber(redis.call('HGET', n, 'dead:@' .. source) or '0')
  local dead_bytes = tonumber(redis.call('HGET', n, 'dead-bytes:@' .. source) or '0')
  local many, large = dead >= tonumber(arg.letters), dead_bytes + #stored > tonumber(arg.sizes)
  -- Two, so that fewer are kept before long where the bound was lowered.
  bury(graves, key.x, '@' .. source, '', id, at, #stored, 0, arg.grave, (many and '2:' or '0:') .. (large and '2' or '0'))
end
if arg.kept then
  -- It went into none of the lanes that are named there.
  if dropped then beginning = string.match(beginning, '^[^\t]*\t[^\t]*\t[^\t]*') end
  if stale then beginning = beginning .. '\n\t' .. int(at) .. '\t' .. answer[1] .. '\t' end
  redis.call('HSET', key.history, id, int(at) .. '\n' .. beginning)
  if others > 0 then redis.call('HSET', key.history, 'w' .. id, 1) end
  redis.call('ZADD', key.ends, at + tonumber(arg.kept), id)
  chronicle(key.times, id, at)
  -- Two for each new one, so that what is over goes however it came about.
  forget_histories({ history = key.history, ends = key.ends, times = key.times }, at, tonumber(arg.most), 2)
end
return answer
