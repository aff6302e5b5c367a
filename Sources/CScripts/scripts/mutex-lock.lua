-- Takes the mutex, takes what was handed over, or waits for it.
--
-- ARGV  8 owner, 9 fence and 10 sequence of whom to seize it from, or empty
--       11 1 if the asker knows this generation for longer than anybody holds

local seizing = ARGV[8] ~= '' and {ARGV[8], ARGV[9], ARGV[10]}
return lock(ARGV[3], seizing, ARGV[11] == '1')
