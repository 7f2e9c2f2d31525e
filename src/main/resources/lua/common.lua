-- Of this, what a script uses is put before it: see Script, which tells parts apart by empty lines.
--
-- A lane's record, in the hash `l`:   token:attempts:settled:reason
--   token     of the lease; 0 when nobody leases the lane
--   attempts  how often its head has failed
--   settled   the last event settled under this token: what makes a repeated answer recognisable
--   reason    why the head failed last; may hold anything, so it stands last
-- What its operator wants done with a lane as soon as nobody delivers its head, in `l` under `!`+lane:   parks:skips
--   parks     1 when the lane is to be parked, else 0
--   skips     the event that is to be set aside, if it is still the head; may be empty
-- A stored event, in the hash `e`:    accepted:content
--   accepted  ms of server time, with an s behind it when the event is stale; content is opaque here
--   `r`+id    how many lanes still need it, when more than one

-- Why an event is set aside for a target that may have no more waiting.
local FULL = 'its backlog was full'

-- Why one is that its operator does not want sent.
local SKIPPED = 'set aside by an operator'

-- Server time in ms. No script takes a time from a gateway: their clocks differ.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- tostring() rounds to 14 digits, tokens have 16. What is handed to redis.call() as a number keeps 17, and is written just as slowly: where one
-- is used twice it is written once.
local function int(number)
  return string.format('%.0f', number)
end

-- Fencing tokens rise for ever: the clock keeps them rising when a fail-over lost the counter's last steps.
local function token_after(last, at)
  return int(math.max(tonumber(last or '0') + 1, at * 4096))
end

local function next_token(m, at)
  local token = token_after(redis.call('HGET', m, 'token'), at)
  redis.call('HSET', m, 'token', token)
  return token
end

-- What not every call brings: keys or arguments that stand behind all others, from a place on, by the names that tell which they are.
local function by_name(names, values, from)
  local found = {}
  if names == '' then return found end
  for name in string.gmatch(names, '%S+') do
    found[name] = values[from]
    from = from + 1
  end
  return found
end

-- Compares bytes; how texts compare depends on the server's locale.
local function is_behind(one, other)
  for i = 1, math.min(#one, #other) do
    local mine, its = string.byte(one, i), string.byte(other, i)
    if mine ~= its then return mine > its end
  end
  return #one > #other
end

local function read_lane(l, lane)
  local found = redis.call('HMGET', l, lane, '!' .. lane)
  local record, wish = found[1], found[2] or '0:'
  if not record then return nil end
  local token, attempts, settled, reason = string.match(record, '^(%d+):(%d+):([^:]*):(.*)$')
  return {
    token = token, attempts = tonumber(attempts), settled = settled, reason = reason,
    parks = string.sub(wish, 1, 1) == '1', skips = string.sub(wish, 3)
  }
end

local function write_wish(l, lane, parks, skips)
  if parks or skips ~= '' then
    redis.call('HSET', l, '!' .. lane, (parks and '1:' or '0:') .. skips)
  else
    redis.call('HDEL', l, '!' .. lane)
  end
end

local function write_lane(l, lane, token, attempts, settled, reason)
  redis.call('HSET', l, lane, token .. ':' .. attempts .. ':' .. settled .. ':' .. reason)
end

-- Of an event that Redis has lost (it evicts, or was tampered with) nothing is known any more.
local function accepted_at(stored)
  return stored and string.match(stored, '^(%d+)') or '0'
end

-- A target that is no configured one but a registered webhook: there may be any number of them.
local function is_registered(target)
  return string.sub(target, 1, 3) == 'wh_'
end

-- Counts for a target; for registered webhooks together. What is zero leaves nothing behind.
local function count(n, what, target, by)
  local field = what .. ':' .. (is_registered(target) and 'webhooks' or target)
  if redis.call('HINCRBY', n, field, by) <= 0 then redis.call('HDEL', n, field) end
end

-- Counts what is queued for a target or set aside (`what`: queued or dead), and its size; of registered webhooks also together.
-- What is negative is written as a difference: Lua would make "-0" of no bytes.
local function tally(n, what, target, events, bytes)
  local sizes = what .. '-bytes'
  if is_registered(target) then
    count(n, what, target, events)
    count(n, sizes, target, bytes)
  end
  -- With the last one the size is gone as well, also where Redis has lost what it was made of.
  if redis.call('HINCRBY', n, what .. ':' .. target, events) <= 0 then
    redis.call('HDEL', n, what .. ':' .. target, sizes .. ':' .. target, what .. '-spared:' .. target)
  else
    redis.call('HINCRBY', n, sizes .. ':' .. target, bytes)
  end
end

-- Counts what a configured target's own sets tell.
local function count_registered(n, what, target, by)
  if is_registered(target) then count(n, what, target, by) end
end

-- An empty lane leaves nothing behind.
local function remove_lane(l, w, a, n, latest, lane, target)
  redis.call('ZREM', w, lane)
  redis.call('DEL', latest)
  redis.call('ZREM', a, lane)
  redis.call('HDEL', l, lane, '!' .. lane)
  count_registered(n, 'lanes', target, -1)
end

-- From now on nobody delivers the lane, which nobody has leased, until its operator resumes it.
local function park(w, l, n, lane, target, skips)
  redis.call('ZADD', w, '+inf', lane)
  count_registered(n, 'parked', target, 1)
  write_wish(l, lane, false, skips)
end

-- So long is a history at most of which not all is told.
local LONGEST_HISTORY = 32768

-- Tells an event's history how an attempt, or its operator, ended it; not before a write that needs no memory. How it ended is told in
-- any case, but not of an event of very many lanes: the whole history is written anew for each. Of failures a long one is not told
-- what the target answered, which stands last.
local function remember(history, ends, lane, id, at, outcome, more, kept)
  local LONG_HISTORY = 8192
  local length = kept > 0 and redis.call('HSTRLEN', history, id) or 0
  local full = length >= LONGEST_HISTORY and (outcome == 'failed' or redis.call('HEXISTS', history, 'w' .. id) == 1)
  if length == 0 or full then return end
  local told = redis.call('HGET', history, id)
  if length >= LONG_HISTORY and outcome == 'failed' then more = string.match(more, '^.*\t') end
  redis.call('HSET', history, id, told .. '\n' .. lane .. '\t' .. int(at) .. '\t' .. outcome .. '\t' .. more)
  redis.call('ZADD', ends, 'XX', at + kept, id)
end

-- One lane fewer needs an event; the last one takes it along.
local function unneed(e, id)
  local needed = tonumber(redis.call('HGET', e, 'r' .. id) or '1')
  if needed > 2 then
    redis.call('HINCRBY', e, 'r' .. id, -1)
  elseif needed == 2 then
    redis.call('HDEL', e, 'r' .. id)
  else
    redis.call('HDEL', e, id)
  end
end

-- One more lane needs an event that is there.
local function need(e, id)
  local needed = tonumber(redis.call('HGET', e, 'r' .. id) or '1')
  redis.call('HSET', e, 'r' .. id, needed + 1)
end

-- Takes an event out of those that were set aside for a target; `store.every` names those of all registered webhooks. Answers how large it
-- was and its id, or false when it was not there. It is still to be counted.
local function take_dead(store, x, target, letter)
  if redis.call('ZREM', x, letter) == 0 then return false end
  if is_registered(target) then redis.call('ZREM', store.every, letter) end
  local id = string.match(letter, '([^|]*)$')
  local bytes = redis.call('HSTRLEN', store.e, id) + redis.call('HSTRLEN', store.why, letter)
  redis.call('HDEL', store.why, letter)
  return bytes, id
end

-- Gives up an event that was set aside for a target. Answers how large it was, or false when it was not there.
local function drop_dead(store, x, target, letter)
  local bytes, id = take_dead(store, x, target, letter)
  if bytes then
    tally(store.n, 'dead', target, -1, 0 - bytes)
    unneed(store.e, id)
  end
  return bytes
end

-- Sets an event aside for a target. For it the oldest go, where more than enough are set aside already; `out` says how many at least,
-- a colon, and how often its own size they must make up for. What is too much of that is spared the next time.
local function bury(store, x, target, lane, id, at, bytes, attempts, reason, out)
  local MOST = 500
  local why = int(attempts) .. ':' .. reason
  local size = bytes + #why
  local letters, sizes = string.match(out, '^(%d+):(%d+)$')
  letters, sizes = tonumber(letters), tonumber(sizes)
  if letters + sizes > 0 then
    local spared = 'dead-spared:' .. target
    local owed = sizes * size - tonumber(redis.call('HGET', store.n, spared) or '0')
    local gone = 0
    local most = sizes > 0 and MOST or letters
    for i, letter in ipairs(redis.call('ZRANGE', x, 0, most - 1)) do
      if i > letters and gone >= owed then break end
      gone = gone + (drop_dead(store, x, target, letter) or 0)
      count(store.n, 'gone', target, 1)
    end
    if sizes > 0 then redis.call('HSET', store.n, spared, int(math.max(0, gone - owed))) end
  end
  redis.call('ZADD', x, at, lane .. '|' .. id)
  if is_registered(target) then redis.call('ZADD', store.every, at, lane .. '|' .. id) end
  redis.call('HSET', store.why, lane .. '|' .. id, why)
  tally(store.n, 'dead', target, 1, size)
end

-- The target's earliest due lane is no later than this; claim corrects what turned out too early.
local function due_by(due, target, at)
  redis.call('ZADD', due, 'LT', at, target)
end

-- Appends an event to a lane. One that was idle is leased for `lease` ms under `token`, unless that is nil or its target is held.
-- Answers the token (leased), 0 (the lane was idle and is ready or held) or - (appended behind others).
-- Only this creates a lane: an empty one leaves no key behind.
local function append(in_lanes, in_target, lane, target, id, bytes, at, held, token, lease)
  tally(in_lanes.n, 'queued', target, 1, bytes)
  if redis.call('RPUSH', in_target.q, id) > 1 then return '-' end
  count_registered(in_lanes.n, 'lanes', target, 1)
  local claimable = int(at)
  if token and held <= at then
    claimable = int(at + lease)
    count(in_lanes.n, 'leased', target, 1)
  else
    token = '0'
    redis.call('ZADD', in_target.a, claimable, lane)
  end
  write_lane(in_lanes.l, lane, token, 0, '', '')
  redis.call('ZADD', in_target.w, claimable, lane)
  due_by(in_lanes.due, target, held > at and held or claimable)
  return token
end

-- Notes when an event was accepted, in microseconds: behind all before it, so that those of one lane stand in the order of their sequence.
local function chronicle(times, id, at)
  local last = redis.call('ZRANGE', times, -1, -1, 'WITHSCORES')
  redis.call('ZADD', times, int(math.max(at * 1000, tonumber(last[2] or '0') + 1)), id)
end

-- Forgets histories that are over, and the oldest where there are more than `most`; so many at a time.
local function forget_histories(store, at, most, times)
  local over = redis.call('ZRANGEBYSCORE', store.ends, '-inf', int(at), 'LIMIT', 0, times)
  local too_many = redis.call('ZCARD', store.ends) - most
  if #over == 0 and too_many > 0 then over = redis.call('ZRANGE', store.ends, 0, math.min(times, too_many) - 1) end
  for _, id in ipairs(over) do
    redis.call('ZREM', store.ends, id)
    redis.call('ZREM', store.times, id)
    redis.call('HDEL', store.history, id, 'w' .. id)
  end
end

-- Keeps an event beyond its deliveries, for `length` ms.
local function retain(store, id, at, length, bytes)
  redis.call('ZADD', store.retained, at + length, id)
  redis.call('HINCRBY', store.n, 'retained', 1)
  redis.call('HINCRBY', store.n, 'retained-bytes', bytes)
end

-- Lets go what is retained no longer, and what will be first where it is more than `most` bytes; so many at a time.
local function let_go(store, at, most, times)
  for _ = 1, times do
    local first = redis.call('ZRANGE', store.retained, 0, 0, 'WITHSCORES')
    if #first == 0 then return end
    local held = tonumber(redis.call('HGET', store.n, 'retained-bytes') or '0')
    if tonumber(first[2]) > at and held <= most then return end
    redis.call('ZREM', store.retained, first[1])
    redis.call('HINCRBY', store.n, 'retained', -1)
    redis.call('HINCRBY', store.n, 'retained-bytes', 0 - redis.call('HSTRLEN', store.e, first[1]))
    unneed(store.e, first[1])
  end
end

-- The lane in which a target has taken an event, or false. Its last word counts: what it has taken may have been put back into its lane since.
-- Of an event of so many lanes that not all is told of them nothing is known.
local function taken_in(told, target)
  if #told >= LONGEST_HISTORY then return false end
  local own, lane, taken = target .. ':', false, false
  for line in string.gmatch(told, '[^\n]+') do
    local where, outcome = string.match(line, '^([^\t]*)\t%d+\t([^\t]*)')
    if where and string.sub(where, 1, #own) == own then lane, taken = where, outcome == 'delivered' end
  end
  return taken and lane
end
