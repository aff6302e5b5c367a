-- Of the three steps of a move: the channel, ARGV[2], must have the token ARGV[3].
local channel = ARGV[2]
local old = room(channel)
if not old[1] then return {'REFUSED'} end
if old[1] ~= ARGV[3] then return {'OCCUPIED', old[1], old[2], old[3]} end
