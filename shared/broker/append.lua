-- Append entries to a job's stream, in order and without entries of others between them.
--
-- ARGV[3]: identity of the first event of every stream. ARGV[4], ...: the entries, each of which is
-- 'event', identity, event as JSON; or
-- 'notes', melody, origin, attempt, index of the first note, bars, number of notes, the notes as JSON.
-- Returns a number for each entry.
local first_event_id = ARGV[3]

-- An event is appended unless the stream has one with its identity. A stream without its first event
-- was lost: nothing is appended, because the event is in PostgreSQL by now, and a rebuild of the
-- stream includes it. Returns 1 if the event was appended, else 0.
local function append_event(identity, event)
  if identity ~= first_event_id and redis.call('HEXISTS', meta, first_event_id) == 0 then return 0 end
  if redis.call('HSETNX', meta, identity, 1) == 0 then return 0 end
  add(event)
  return 1
end

-- Notes that the stream does not have yet are appended as one event. A note is identified by its
-- melody and its index: meta counts the notes and the complete bars of each melody. Returns the
-- number of notes that the stream now has. If that is less than `first`, Redis has lost some: nothing
-- was appended, and the caller sends the notes again from that number.
--
-- All notes of a melody are of one origin: the weights and the numerics. Notes of another origin are
-- those of a later attempt, so the stream starts again; or those of a worker that has lost the shard
-- meanwhile, which are not appended, as if the stream had them.
local function append_notes(melody, origin, attempt, first, bars, start, count)
  local known = redis.call('HMGET', meta,
    melody .. ':notes', melody .. ':bars', melody .. ':origin', melody .. ':attempt')
  local num_notes, num_bars = tonumber(known[1] or 0), tonumber(known[2] or 0)
  local known_attempt = tonumber(known[4] or 0)
  if known[3] ~= origin then
    if attempt < known_attempt then return first + count end
    if num_notes + num_bars > 0 then
      restart()
      num_notes, num_bars = 0, 0
    end
  end
  if first > num_notes then return num_notes end
  local new = {}
  for i = num_notes - first, count - 1 do new[#new + 1] = ARGV[start + i] end
  if #new == 0 and bars <= num_bars then return num_notes end
  bars = math.max(bars, num_bars)
  redis.call('HSET', meta, melody .. ':notes', num_notes + #new, melody .. ':bars', bars,
    melody .. ':origin', origin, melody .. ':attempt', math.max(attempt, known_attempt))
  add('{"kind":"notes","melody":' .. melody .. ',"first":' .. num_notes .. ',"bars":' .. bars ..
    ',"notes":[' .. table.concat(new, ',') .. ']}')
  return num_notes + #new
end

local results, i = {}, 4
while i <= #ARGV do
  if ARGV[i] == 'event' then
    results[#results + 1] = append_event(ARGV[i + 1], ARGV[i + 2])
    i = i + 3
  else
    local attempt, first = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4])
    local bars, count = tonumber(ARGV[i + 5]), tonumber(ARGV[i + 6])
    results[#results + 1] =
      append_notes(ARGV[i + 1], ARGV[i + 2], attempt, first, bars, i + 7, count)
    i = i + 7 + count
  end
end
notify()
return results
