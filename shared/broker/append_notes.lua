-- Append the notes of a melody that the stream does not have yet, as one event.
--
-- ARGV[3]: melody. ARGV[4]: index of the first note. ARGV[5]: bars. ARGV[6], ...: the notes as JSON.
-- A note is identified by its melody and its index: meta counts the notes and the complete bars of
-- each melody. Returns the number of notes that the stream now has. If that is less than `first`,
-- Redis has lost some: nothing was appended, and the caller sends the notes again from that number.
local melody, first, bars = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local num_notes = tonumber(redis.call('HGET', meta, melody .. ':notes') or 0)
local num_bars = tonumber(redis.call('HGET', meta, melody .. ':bars') or 0)
if first > num_notes then return num_notes end
local new = {}
for i = 6 + num_notes - first, #ARGV do new[#new + 1] = ARGV[i] end
if #new == 0 and bars <= num_bars then return num_notes end
bars = math.max(bars, num_bars)
redis.call('HSET', meta, melody .. ':notes', num_notes + #new, melody .. ':bars', bars)
add('{"kind":"notes","melody":' .. melody .. ',"first":' .. num_notes .. ',"bars":' .. bars ..
  ',"notes":[' .. table.concat(new, ',') .. ']}')
return num_notes + #new
