-- Append entries to a job's stream, in order and without entries of others between them.
--
-- ARGV[3]: identity of the first event of every stream. ARGV[4], ...: the entries, each of which is
-- 'event', identity, event as JSON; or
-- 'notes', melody, index of the first note, bars, number of notes, the notes as JSON.
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
local function append_notes(melody, first, bars, start, count)
  local num_notes = tonumber(redis.call('HGET', meta, melody .. ':notes') or 0)
  local num_bars = tonumber(redis.call('HGET', meta, melody .. ':bars') or 0)
  if first > num_notes then return num_notes end
  local new = {}
  for i = num_notes - first, count - 1 do new[#new + 1] = ARGV[start + i] end
  if #new == 0 and bars <= num_bars then return num_notes end
  bars = math.max(bars, num_bars)
  redis.call('HSET', meta, melody .. ':notes', num_notes + #new, melody .. ':bars', bars)
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
    local count = tonumber(ARGV[i + 4])
    results[#results + 1] =
      append_notes(ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), i + 5, count)
    i = i + 5 + count
  end
end
return results
