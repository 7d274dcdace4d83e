-- The Videos protocol for nginx.conf. Every request is counted; so is every connection, at its first request.
local videos = {}
local counts = ngx.shared.counts
-- As long as real answers are: about a kilobyte.
local prompt = string.rep("A paper boat drifts across a still pond at first light. ", 12)

local function seen(what)
    counts:incr(what, 1, 0)
    if ngx.var.connection_requests == "1" then
        counts:incr("connections", 1, 0)
        if ngx.var.server_protocol == "HTTP/2.0" then counts:incr("http2_connections", 1, 0) end
        local open = tonumber(ngx.var.connections_active)
        if open > (counts:get("most_connections") or 0) then counts:set("most_connections", open) end
    end
end

-- The state of the job that is done at `done` (ms since 1970). One of a batch, which has no clip, is never done at the first look: it is
-- one POST and two GETs at least.
local function answer(id, clip, made, done)
    local now = ngx.now() * 1000
    local status, progress, fault = "in_progress", 0, "null"
    local looks = clip == "none" and counts:incr(id, 1, 0) or 2
    if now >= done and looks > 1 then
        status, progress = "completed", 100
        if clip == "none" then status, fault = "failed", '{"code":"bench","message":"this host renders nothing"}' end
    elseif done > made then
        progress = math.floor((now - made) / (done - made) * 100)
    end
    ngx.header["Content-Type"] = "application/json"
    -- When to ask again, as the protocol has it: at once while a job takes no time, else ten times in its course.
    if status == "in_progress" or made == done then ngx.header["openai-poll-after-ms"] = math.floor((done - made) / 10) end
    return ngx.say('{"id":"', id, '","object":"video","model":"bench","status":"', status, '","progress":', progress,
        ',"created_at":', math.floor(made / 1000), ',"completed_at":null,"expires_at":null,"seconds":"4","size":"1280x720","prompt":"', prompt,
        '","remixed_from_video_id":null,"error":', fault, '}')
end

function videos.create()
    ngx.req.read_body()
    if not ngx.req.get_body_data() then return ngx.exit(400) end
    seen("creates")
    ngx.update_time()
    local now = ngx.now()
    counts:add("first_create", now)
    counts:set("last_create", now)
    local number = counts:incr("number", 1, 0)
    local made = math.floor(now * 1000)
    local done = made + tonumber(ngx.var[1])
    -- The answer to a create is never the end: there is a poll to every job.
    local id = "video_" .. number .. "_" .. done
    ngx.header["Content-Type"] = "application/json"
    ngx.header["openai-poll-after-ms"] = math.floor((done - made) / 10)
    ngx.say('{"id":"', id, '","object":"video","model":"bench","status":"queued","progress":0,"created_at":', math.floor(now),
        ',"completed_at":null,"expires_at":null,"seconds":"4","size":"1280x720","prompt":"', prompt, '","remixed_from_video_id":null,"error":null}')
end

function videos.poll()
    ngx.req.read_body()
    seen("polls")
    local done, length = tonumber(ngx.var[4]), tonumber(ngx.var[1])
    answer("video_" .. ngx.var[3] .. "_" .. ngx.var[4], ngx.var[2], done - length, done)
end

function videos.content() seen("downloads") end

function videos.counts()
    ngx.header["Content-Type"] = "application/json"
    local parts = {}
    for _, name in ipairs({"creates", "polls", "downloads", "connections", "http2_connections", "most_connections"}) do
        parts[#parts + 1] = string.format('"%s":%d', name, counts:get(name) or 0)
    end
    ngx.say("{", table.concat(parts, ","), string.format(',"first_create":%.3f,"last_create":%.3f}',
        counts:get("first_create") or 0, counts:get("last_create") or 0))
end

function videos.reset()
    local number = counts:get("number")
    counts:flush_all()
    counts:set("number", number or 0)
    ngx.say("{}")
end

return videos
