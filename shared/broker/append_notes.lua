-- Append the notes of a melody that the stream does not have yet, as one event.
--
-- ARGV[3]: melody. ARGV[4]: index of the first note. ARGV[5]: bars. ARGV[6], ...: the notes as JSON.
-- A note is identified by its melody and its index: meta counts the notes and the complete bars of
-- each melody. Returns the number of notes that the stream now has. If that is less than `first`,
-- Redis has lost some: nothing was appended, and the caller sends again from there.
local melody, first, bars = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local known = tonumber(redis.call('HGET', meta, melody .. ':notes') or 0)
local known_bars = tonumber(redis.call('HGET', meta, melody .. ':bars') or 0)
if first > known then return known end
local new = {}
for i = 6 + known - first, #ARGV do new[#new + 1] = ARGV[i] end
if #new == 0 and bars <= known_bars then return known end
bars = math.max(bars, known_bars)
redis.call('HSET', meta, melody .. ':notes', known + #new, melody .. ':bars', bars)
add('{"kind":"notes","melody":' .. melody .. ',"first":' .. known .. ',"bars":' .. bars ..
  ',"notes":[' .. table.concat(new, ',') .. ']}')
return known + #new
