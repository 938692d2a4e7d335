-- Append the notes of a melody that the stream does not have yet, as one event.
--
-- KEYS: stream, meta   ARGV: fresh epoch, time to live, melody, first, bars, note, note, ...
-- A note's identity is (melody, ordinal): meta counts the notes and the complete bars of each melody.
-- Returns the number of notes that the stream now has. Less than `first` means that Redis has lost
-- some: nothing was appended, and the caller sends again from there.
local melody, first, bars = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local known = tonumber(redis.call('HGET', KEYS[2], melody .. ':notes') or 0)
local known_bars = tonumber(redis.call('HGET', KEYS[2], melody .. ':bars') or 0)
if first > known then return known end
local fresh = {}
for i = 6 + known - first, #ARGV do fresh[#fresh + 1] = ARGV[i] end
if #fresh == 0 and bars <= known_bars then return known end
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[1])
redis.call('HSET', KEYS[2], melody .. ':notes', known + #fresh, melody .. ':bars', math.max(bars, known_bars))
local now = redis.call('TIME')
local seq = redis.call('HINCRBY', KEYS[2], 'seq', 1)
redis.call('XADD', KEYS[1], seq .. '-0',
  'epoch', redis.call('HGET', KEYS[2], 'epoch'),
  'at', now[1] * 1000 + math.floor(now[2] / 1000),
  'event', '{"kind":"notes","melody":' .. melody .. ',"first":' .. known ..
    ',"bars":' .. math.max(bars, known_bars) .. ',"notes":[' .. table.concat(fresh, ',') .. ']}')
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return known + #fresh
