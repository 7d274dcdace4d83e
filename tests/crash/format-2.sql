-- What format-1.sql became in format 2, with the lease of a process that is no more.
BEGIN TRANSACTION;
CREATE TABLE history (job TEXT NOT NULL, at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO history VALUES('8jkkp92f',1795873783092,'','planned','made');
INSERT INTO history VALUES('8jkkp92f',1795873783095,'planned','submitting','');
INSERT INTO history VALUES('8jkkp92f',1795873783108,'submitting','rendering','accepted as video_1');
INSERT INTO history VALUES('8jkkp92f',1795873783603,'rendering','ready','');
INSERT INTO history VALUES('8jkkp92f',1795873783611,'ready','downloading','');
INSERT INTO history VALUES('8jkkp92f',1795873783671,'downloading','downloading','whole and checked');
INSERT INTO history VALUES('8jkkp92f',1795873783695,'downloading','done','@WORK@/b.mp4');
INSERT INTO history VALUES('hnc5csqf',1795873783764,'','planned','made');
INSERT INTO history VALUES('hnc5csqf',1795873783772,'planned','submitting','');
INSERT INTO history VALUES('hnc5csqf',1795873783787,'submitting','rendering','accepted as video_2');
CREATE TABLE jobs (
        id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, ordinal INTEGER NOT NULL, stage TEXT NOT NULL,
        route TEXT NOT NULL, model TEXT NOT NULL, seconds REAL NOT NULL,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, accepted INTEGER, took INTEGER,
        price INTEGER, settled INTEGER, attempt INTEGER NOT NULL, handle TEXT,
        lease_owner TEXT NOT NULL DEFAULT '', lease_until INTEGER NOT NULL DEFAULT 0, lease_count INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL, profile TEXT NOT NULL DEFAULT '', batch TEXT NOT NULL DEFAULT '', batch_row TEXT NOT NULL DEFAULT '', resolution TEXT NOT NULL DEFAULT '', day TEXT NOT NULL DEFAULT '', cost INTEGER NOT NULL DEFAULT 0, wanted TEXT NOT NULL DEFAULT '{}') WITHOUT ROWID;
INSERT INTO jobs VALUES('8jkkp92f','d8d7c1df2666948059ed32eea3f4211f1e9fb5a6396160e61c1921c681a58977',0,'done','openai','animatic',1.0,1795873783092,1795873783695,1795873783108,495,500000,NULL,1,'{"id":"video_1"}','',0,1,'{"backend":"openai","base_url":"@URL@","body_sha256":"410be03015a4c508842f11918d541d34d6ea95f6f00a09cfe660302f3271dd88","cancel_wanted":false,"clip":"@WORK@/b.mp4","dialect":{},"ended":1795873783694,"expires":null,"force":false,"key":"shotwire-dqfrt5574rd3yqx24b7k53n8","measures":{"audio":"mp4a","bytes":25161,"fps":24.0,"frames":24,"height":128,"seconds":1.0,"video":"avc1","width":128},"moved":true,"note":"","output":"@WORK@/b.mp4","part":{},"ready":1795873783603,"sha256":"f198cf465027c277f17572380afe3ceffdc5d027a31c9a077642d4ef3c357bd6","submitted":1795873783095,"unsent":false}','','','','','2026-11-28',500000,'{"audio":true,"fps":24,"model":"animatic","operation":"create","price":{"usd":0.0},"prompt":"a crow lands","ratio":"1:1","remote_model":"animatic","route":"openai","seconds":1.0,"shot":{"prompt":"a crow lands"},"size":"128x128"}');
INSERT INTO jobs VALUES('hnc5csqf','45d44c53b418d4e20ab36cd4a5ec2165db1e8f167a26b1fae5053049388172d6',0,'rendering','openai','animatic',1.0,1795873783764,1795873783787,1795873783787,NULL,500000,NULL,1,'{"id":"video_2"}','elsewhere/1/1',1795873813764,3,'{"backend":"openai","base_url":"@URL@","body_sha256":"0dadcb3c36e470d85ea0a180dda295007c09280d96d71b34fe84987d59d15bd7","cancel_wanted":false,"clip":"","dialect":{},"ended":null,"expires":null,"force":false,"key":"shotwire-c9e5uvq2dnfxj2zaa9e7vnfk","measures":{},"moved":true,"note":"","output":"@WORK@/a.mp4","part":{},"ready":null,"sha256":"","submitted":1795873783772,"unsent":false}','','','','','2026-11-28',500000,'{"audio":true,"fps":24,"model":"animatic","operation":"create","price":{"usd":0.0},"prompt":"a heron lifts off","ratio":"1:1","remote_model":"animatic","route":"openai","seconds":1.0,"shot":{"prompt":"a heron lifts off"},"size":"128x128"}');
CREATE TABLE accounts (profile TEXT NOT NULL, day TEXT NOT NULL, micros INTEGER NOT NULL, PRIMARY KEY (profile, day)) WITHOUT ROWID;
INSERT INTO accounts VALUES('','2026-11-28',1000000);
CREATE TABLE forgotten (day TEXT NOT NULL, profile TEXT NOT NULL, route TEXT NOT NULL, model TEXT NOT NULL, batch TEXT NOT NULL,
        cost INTEGER NOT NULL, settled INTEGER NOT NULL);
CREATE UNIQUE INDEX one_live_job ON jobs (fingerprint, ordinal) WHERE stage NOT IN ('failed', 'rejected', 'cancelled');
CREATE INDEX by_stage ON jobs (stage, created);
CREATE INDEX by_model ON jobs (route, model, created);
CREATE INDEX history_of ON history (job);
CREATE INDEX by_fingerprint ON jobs (fingerprint);
CREATE INDEX by_batch ON jobs (batch) WHERE batch <> '';
COMMIT;
PRAGMA application_id = 1399347060;
PRAGMA user_version = 2;
PRAGMA journal_mode = WAL;
