-- Append the notes of a melody that the stream does not have yet, as one event.
--
-- ARGV goes on with: melody, first, bars, note, note, ...
-- A note's identity is (melody, ordinal): meta counts the notes and the complete bars of each melody.
-- Returns the number of notes that the stream now has. Less than `first` means that Redis has lost
-- some: nothing was appended, and the caller sends again from there.
local melody, first, bars = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local known = tonumber(redis.call('HGET', meta, melody .. ':notes') or 0)
local known_bars = tonumber(redis.call('HGET', meta, melody .. ':bars') or 0)
if first > known then return known end
local fresh = {}
for i = 6 + known - first, #ARGV do fresh[#fresh + 1] = ARGV[i] end
if #fresh == 0 and bars <= known_bars then return known end
bars = math.max(bars, known_bars)
redis.call('HSET', meta, melody .. ':notes', known + #fresh, melody .. ':bars', bars)
add('{"kind":"notes","melody":' .. melody .. ',"first":' .. known .. ',"bars":' .. bars ..
  ',"notes":[' .. table.concat(fresh, ',') .. ']}')
return known + #fresh
