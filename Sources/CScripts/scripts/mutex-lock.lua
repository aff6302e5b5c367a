-- Takes the mutex, takes what was handed over, or waits for it.
--
-- ARGV  5 "owner fence sequence" of whom to seize it from, or empty
--       6 1 if the asker knows this generation for longer than anybody holds

local seizing = ARGV[5] ~= '' and {string.match(ARGV[5], '^(%S+) (%S+) (%d+)$')}
return lock(ARGV[2], seizing, ARGV[6] == '1')
