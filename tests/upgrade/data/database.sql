--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: jobs_move_legally(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.jobs_move_legally() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
        BEGIN
            IF (OLD.state, NEW.state) NOT IN (
                ('queued', 'running'),
                ('queued', 'paused'),
                ('queued', 'cancelled'),
                ('running', 'paused'),
                ('running', 'cancelling'),
                ('running', 'succeeded'),
                ('running', 'partial'),
                ('running', 'failed'),
                ('paused', 'queued'),
                ('paused', 'running'),
                ('paused', 'cancelling'),
                ('paused', 'succeeded'),
                ('paused', 'failed'),
                ('cancelling', 'cancelled')
            ) THEN
                RAISE EXCEPTION 'job % must not move from % to %', OLD.id, OLD.state, NEW.state
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    owner text NOT NULL,
    prefix text NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);


--
-- Name: datasets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.datasets (
    id uuid NOT NULL,
    owner text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    size bigint NOT NULL,
    files integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    report jsonb
);


--
-- Name: engravings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.engravings (
    job_id uuid NOT NULL,
    musicxml text
);


--
-- Name: evaluations; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.evaluations (
    job_id uuid NOT NULL,
    version text NOT NULL,
    model_sha256 text NOT NULL,
    samples jsonb
);


--
-- Name: jobs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.jobs (
    id uuid NOT NULL,
    owner text NOT NULL,
    state text NOT NULL,
    priority text NOT NULL,
    request jsonb NOT NULL,
    num_melodies integer NOT NULL,
    succeeded integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    cancelled integer DEFAULT 0 NOT NULL,
    error jsonb,
    retry_of uuid,
    traceparent text,
    idempotency_key text,
    request_sha256 bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    kind text DEFAULT 'generation'::text NOT NULL,
    pauses integer DEFAULT 0 NOT NULL,
    version text
);


--
-- Name: melodies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.melodies (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    index integer NOT NULL,
    owner text NOT NULL,
    seed bigint NOT NULL,
    model text NOT NULL,
    model_sha256 text NOT NULL,
    numerics text NOT NULL,
    tempo integer NOT NULL,
    bars integer NOT NULL,
    num_notes integer NOT NULL,
    num_tokens integer NOT NULL,
    seconds double precision NOT NULL,
    notes jsonb NOT NULL,
    tokens integer[] NOT NULL,
    midi bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    favourite boolean DEFAULT false NOT NULL,
    lowest integer,
    highest integer
);


--
-- Name: models; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.models (
    version text NOT NULL,
    card jsonb NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    sha256 text NOT NULL,
    promoted_at timestamp with time zone
);


--
-- Name: outbox; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    job_id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: outbox_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: points; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.points (
    job_id uuid NOT NULL,
    step integer NOT NULL,
    tokens bigint NOT NULL,
    seconds double precision NOT NULL,
    train_nats_per_token double precision NOT NULL,
    held_out_nats_per_note double precision NOT NULL,
    sample jsonb NOT NULL
);


--
-- Name: primers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.primers (
    id uuid NOT NULL,
    owner text NOT NULL,
    sha256 text NOT NULL,
    notes jsonb NOT NULL,
    bars integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: shards; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.shards (
    id uuid NOT NULL,
    job_id uuid NOT NULL,
    queue text NOT NULL,
    first integer NOT NULL,
    size integer NOT NULL,
    state text NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    crashes integer DEFAULT 0 NOT NULL,
    worker_id uuid,
    lease_until timestamp with time zone
);


--
-- Name: tickets; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tickets (
    sha256 bytea NOT NULL,
    owner text NOT NULL,
    job_id uuid NOT NULL,
    expires_at timestamp with time zone NOT NULL
);


--
-- Name: workers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.workers (
    id uuid NOT NULL,
    name text NOT NULL,
    engine jsonb NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    resident jsonb DEFAULT '{}'::jsonb NOT NULL,
    refused jsonb DEFAULT '{}'::jsonb NOT NULL,
    numerics jsonb DEFAULT '{}'::jsonb NOT NULL
);


--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.alembic_version VALUES ('0011');


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES ('01a22733-cc65-7ff3-8fc8-a7ee9d5d15a5', 'developer', 'ost_cLurXa', '\xb642ce9a68c769c5cc9989f1669997a9129565768860685b8eef7e872066fd8c', '2026-11-29 12:07:15.812387+00', NULL);
INSERT INTO public.api_keys VALUES ('01a22734-a43b-74e8-9cab-544486bf4846', 'alice', 'ost_lNdXJ4', '\x0710fc3777cdd3cb6a32010236d8108a5a65f67c9fb9c209bc1a72c6f5572c0c', '2026-11-29 12:08:11.068064+00', NULL);
INSERT INTO public.api_keys VALUES ('01a22734-a5b4-7280-81f8-f4dece5b3dd1', 'gone', 'ost_6gwusT', '\x46981e8c7fd265172a630ca75669ca3feb2c6fafe008d75f9dbf9345633ed5e1', '2026-11-29 12:08:11.444934+00', '2026-11-29 12:08:11.831135+00');


--
-- Data for Name: datasets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.datasets VALUES ('01a22734-be95-7508-b7d7-a7a4544a6b37', 'alice', 'tunes', '2a6125430ad16c18923ed3f1c81d1f7a578f239fbde2cdd4ef5c6526c18b86ad', 6032, 4, '2026-11-29 12:08:17.814013+00', '{"kept": 4, "test": 0, "found": 4, "hours": 0.14, "notes": 5565, "train": 3, "families": 4, "held_out": 1, "left_out": {}}');
INSERT INTO public.datasets VALUES ('01a22736-4304-7896-a878-482a3adffe8a', 'alice', 'one-melody', '7785207fb92e4a514793a9508433bc37cd8803de80fc949760026338943993b2', 1039, 1, '2026-11-29 12:09:57.252731+00', NULL);


--
-- Data for Name: engravings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.engravings VALUES ('01a22734-b7df-79c9-9f45-03f68f04e101', '<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE score-partwise  PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">
<score-partwise version="4.0">
  <work>
    <work-title>mini</work-title>
  </work>
  <movement-title>mini</movement-title>
  <identification>
    <creator type="composer">Ostinato</creator>
    <encoding>
      <encoding-date>2026-11-29</encoding-date>
      <software>music21 v.10.5.1</software>
      <supports element="beam" type="yes" />
      <supports element="stem" type="yes" />
      <supports element="accidental" type="yes" />
    </encoding>
  </identification>
  <defaults>
    <scaling>
      <millimeters>7</millimeters>
      <tenths>40</tenths>
    </scaling>
  </defaults>
  <part-list>
    <score-part id="P2ff316014d3163a5d5e0e6276c0c4cbd">
      <part-name>Piano</part-name>
      <part-abbreviation>Pno</part-abbreviation>
      <score-instrument id="I265d6119231bbaed17cfe16dc04a672f">
        <instrument-name>Piano</instrument-name>
        <instrument-abbreviation>Pno</instrument-abbreviation>
      </score-instrument>
      <midi-instrument id="I265d6119231bbaed17cfe16dc04a672f">
        <midi-channel>1</midi-channel>
        <midi-program>1</midi-program>
      </midi-instrument>
    </score-part>
  </part-list>
  <!--=========================== Part 1 ===========================-->
  <part id="P2ff316014d3163a5d5e0e6276c0c4cbd">
    <!--========================= Measure 1 ==========================-->
    <measure implicit="no" number="1">
      <attributes>
        <divisions>10080</divisions>
        <key>
          <fifths>-4</fifths>
        </key>
        <time>
          <beats>4</beats>
          <beat-type>4</beat-type>
        </time>
        <clef>
          <sign>G</sign>
          <line>2</line>
        </clef>
      </attributes>
      <direction>
        <direction-type>
          <metronome parentheses="no">
            <beat-unit>quarter</beat-unit>
            <per-minute>120</per-minute>
          </metronome>
        </direction-type>
        <sound tempo="120" />
      </direction>
      <note>
        <rest />
        <duration>30240</duration>
        <voice>1</voice>
        <type>half</type>
        <dot />
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
        <beam number="2">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">end</beam>
      </note>
      <note>
        <rest />
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest />
        <duration>20160</duration>
        <voice>2</voice>
        <type>half</type>
      </note>
      <note>
        <rest />
        <duration>10080</duration>
        <voice>2</voice>
        <type>quarter</type>
      </note>
      <note>
        <rest />
        <duration>5040</duration>
        <voice>2</voice>
        <type>eighth</type>
      </note>
      <note>
        <rest />
        <duration>1260</duration>
        <voice>2</voice>
        <type>32nd</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>2</voice>
        <type>16th</type>
        <dot />
      </note>
    </measure>
    <!--========================= Measure 2 ==========================-->
    <measure implicit="no" number="2">
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>B</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>up</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>up</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest measure="yes" />
        <duration>40320</duration>
        <voice>2</voice>
      </note>
    </measure>
    <!--========================= Measure 3 ==========================-->
    <measure implicit="no" number="3">
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>up</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>up</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>B</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>10080</duration>
        <voice>1</voice>
        <type>quarter</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
        <beam number="2">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">end</beam>
      </note>
      <note>
        <rest />
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest />
        <duration>20160</duration>
        <voice>2</voice>
        <type>half</type>
      </note>
      <note>
        <rest />
        <duration>10080</duration>
        <voice>2</voice>
        <type>quarter</type>
      </note>
      <note>
        <rest />
        <duration>5040</duration>
        <voice>2</voice>
        <type>eighth</type>
      </note>
      <note>
        <rest />
        <duration>1260</duration>
        <voice>2</voice>
        <type>32nd</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>2</voice>
        <type>16th</type>
        <dot />
      </note>
    </measure>
    <!--========================= Measure 4 ==========================-->
    <measure implicit="no" number="4">
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest measure="yes" />
        <duration>40320</duration>
        <voice>2</voice>
      </note>
    </measure>
    <!--========================= Measure 5 ==========================-->
    <measure implicit="no" number="5">
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>10080</duration>
        <voice>1</voice>
        <type>quarter</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
        <beam number="2">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">end</beam>
      </note>
      <note>
        <rest />
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest />
        <duration>20160</duration>
        <voice>2</voice>
        <type>half</type>
      </note>
      <note>
        <rest />
        <duration>10080</duration>
        <voice>2</voice>
        <type>quarter</type>
      </note>
      <note>
        <rest />
        <duration>5040</duration>
        <voice>2</voice>
        <type>eighth</type>
      </note>
      <note>
        <rest />
        <duration>1260</duration>
        <voice>2</voice>
        <type>32nd</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>2</voice>
        <type>16th</type>
        <dot />
        <accidental>natural</accidental>
      </note>
    </measure>
    <!--========================= Measure 6 ==========================-->
    <measure implicit="no" number="6">
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>B</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>up</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>up</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest measure="yes" />
        <duration>40320</duration>
        <voice>2</voice>
      </note>
    </measure>
    <!--========================= Measure 7 ==========================-->
    <measure implicit="no" number="7">
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>up</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>up</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>B</step>
          <alter>-1</alter>
          <octave>4</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>10080</duration>
        <voice>1</voice>
        <type>quarter</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
        <beam number="2">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>1</voice>
        <type>16th</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">end</beam>
      </note>
      <note>
        <rest />
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest />
        <duration>20160</duration>
        <voice>2</voice>
        <type>half</type>
      </note>
      <note>
        <rest />
        <duration>10080</duration>
        <voice>2</voice>
        <type>quarter</type>
      </note>
      <note>
        <rest />
        <duration>5040</duration>
        <voice>2</voice>
        <type>eighth</type>
      </note>
      <note>
        <rest />
        <duration>1260</duration>
        <voice>2</voice>
        <type>32nd</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>3780</duration>
        <voice>2</voice>
        <type>16th</type>
        <dot />
      </note>
    </measure>
    <!--========================= Measure 8 ==========================-->
    <measure implicit="no" number="8">
      <note dynamics="87.78">
        <pitch>
          <step>A</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>C</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>E</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>D</step>
          <alter>-1</alter>
          <octave>5</octave>
        </pitch>
        <duration>10080</duration>
        <voice>1</voice>
        <type>quarter</type>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>F</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>7560</duration>
        <voice>1</voice>
        <type>eighth</type>
        <dot />
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">begin</beam>
      </note>
      <note dynamics="87.78">
        <pitch>
          <step>G</step>
          <alter>0</alter>
          <octave>5</octave>
        </pitch>
        <duration>2520</duration>
        <voice>1</voice>
        <type>16th</type>
        <accidental>natural</accidental>
        <stem>down</stem>
        <beam number="1">end</beam>
        <beam number="2">backward hook</beam>
      </note>
      <backup>
        <duration>40320</duration>
      </backup>
      <note>
        <rest measure="yes" />
        <duration>40320</duration>
        <voice>2</voice>
      </note>
      <barline location="right">
        <bar-style>light-heavy</bar-style>
      </barline>
    </measure>
  </part>
</score-partwise>');
INSERT INTO public.engravings VALUES ('01a22736-42ff-7ada-8791-60c1d2ac9546', NULL);


--
-- Data for Name: evaluations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.evaluations VALUES ('01a22735-4b36-7934-88d4-06e994a6c645', 'tunes-1', '44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a', '{"bars": 8, "failed": 0, "job_id": "01a22735-453e-74e0-b132-b1afe1672a90", "pieces": 2, "silent": 0, "traits": {"polyphony": {"distance": 0.8416, "samples_std": 0.2657, "held_out_std": 0.9742, "samples_mean": 2.901, "held_out_mean": 3.4818}, "notes_per_bar": {"distance": 1.539, "samples_std": 1.375, "held_out_std": 9.3044, "samples_mean": 5.0, "held_out_mean": 19.475}, "repetition_share": {"distance": 0.7394, "samples_std": 0.0, "held_out_std": 0.1621, "samples_mean": 0.0, "held_out_mean": 0.1303}, "scale_consistency": {"distance": null, "samples_std": 0.0267, "held_out_std": 0.0, "samples_mean": 0.8698, "held_out_mean": 1.0}, "groove_consistency": {"distance": 0.7297, "samples_std": 0.0312, "held_out_std": 0.0502, "samples_mean": 0.9062, "held_out_mean": 0.9321}, "pitch_class_entropy_bits": {"distance": 8.1828, "samples_std": 0.0412, "held_out_std": 0.0373, "samples_mean": 3.038, "held_out_mean": 2.7289}}, "request": {"bars": 8, "seed": 3, "count": 2, "model": "tunes-1", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}, "excerpts": 10, "model_sha256": "44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a", "training_sets": ["tunes"], "longest_copied_notes": {"samples": {"max": 5, "p95": 4.95, "median": 4.5}, "held_out": {"max": 23, "p95": 20.299999999999994, "median": 7.0}}}');


--
-- Data for Name: jobs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.jobs VALUES ('01a22734-a92a-79e6-9535-930fb105af2d', 'alice', 'succeeded', 'interactive', '{"bars": 8, "seed": 42, "count": 2, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 2, 2, 0, 0, NULL, NULL, NULL, 'upgrade-1', '\xdb9aaa276e6efb58d78140c0ae8b9cedbb048920a5ccd4174f8e4f4372111071', '2026-11-29 12:08:12.331524+00', '2026-11-29 12:08:12.38017+00', '2026-11-29 12:08:12.458245+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-ab62-7b2b-b088-2b9e480a8ce4', 'alice', 'succeeded', 'interactive', '{"bars": 8, "seed": 7, "count": 1, "model": "mini", "scale": {"mode": "dorian", "tonic": "D", "strictness": 0.9}, "tempo": 96, "chords": {"strictness": 0.5, "progression": ["Dm7", "G7"]}, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 24, "regenerate": null, "pitch_range": {"lowest": 48, "highest": 84}, "deadline_seconds": null}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22734-ab60-7c7a-b472-ea799c1bd376', '\x058ef9858d34432b8ae3846f8487b5f38685da4e7278a2dde98201031ce5c8bf', '2026-11-29 12:08:12.899061+00', '2026-11-29 12:08:12.911526+00', '2026-11-29 12:08:12.950292+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-adf1-7f90-8dd7-74e6b81c4a7e', 'alice', 'succeeded', 'interactive', '{"bars": 4, "seed": 8, "count": 1, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": "01a22734-adea-7418-893d-8a284713b21d", "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22734-adef-7042-bcc5-aad330c864d1', '\x385e0e4430382e1c1a592cc6291ef52a081c17219bb7cd83fd651f9faab6a904', '2026-11-29 12:08:13.554391+00', '2026-11-29 12:08:13.568351+00', '2026-11-29 12:08:13.601234+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-affd-7429-9611-81ecfa898658', 'developer', 'succeeded', 'interactive', '{"bars": 8, "seed": 1, "count": 1, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22734-affa-7b55-9bfd-ca7d3e261768', '\x6ee18672e4d00d3a72a897ad8bc0252d82e68fcaa728ad8a7b30d322e9c79c52', '2026-11-29 12:08:14.077655+00', '2026-11-29 12:08:14.091743+00', '2026-11-29 12:08:14.124756+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-b28a-7afb-9414-c06ddb436f86', 'alice', 'failed', 'interactive', '{"bars": 8, "seed": 9, "count": 1, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": "01a22734-b283-7795-affd-36357f5aa925", "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 1, 0, 1, 0, '{"code": "unplayable", "detail": "The primer does not fit: this model knows none of its pitches"}', NULL, NULL, '01a22734-b287-7290-87dc-c05bfb43b031', '\xa0837aa0da4713b4862e11123b8b856db6f5fa59a3d217bf5c6df75f14170c79', '2026-11-29 12:08:14.731194+00', '2026-11-29 12:08:14.743846+00', '2026-11-29 12:08:14.750017+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-b494-7ca2-81e8-426c79593d4d', 'alice', 'cancelled', 'batch', '{"bars": 64, "seed": 10, "count": 65, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "batch", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 65, 0, 0, 65, NULL, NULL, NULL, '01a22734-b491-7fe8-bbbc-daa216ba51c6', '\xdbc1f13ee115f72f865310236dc7b29ca79e9ab8716979f266257922dbb18855', '2026-11-29 12:08:15.253169+00', '2026-11-29 12:08:15.265441+00', '2026-11-29 12:08:15.638849+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-b7df-79c9-9f45-03f68f04e101', 'alice', 'succeeded', 'batch', '{"notes": [[1440, 180, 75, 79], [1620, 180, 77, 79], [1740, 180, 79, 79], [1920, 360, 80, 79], [2280, 120, 75, 79], [2400, 360, 72, 79], [2760, 120, 75, 79], [2880, 360, 73, 79], [3240, 120, 72, 79], [3360, 360, 70, 79], [3720, 120, 68, 79], [3840, 360, 67, 79], [4200, 120, 68, 79], [4320, 360, 70, 79], [4680, 120, 72, 79], [4800, 480, 73, 79], [5280, 180, 75, 79], [5460, 180, 77, 79], [5580, 180, 79, 79], [5760, 360, 80, 79], [6120, 120, 75, 79], [6240, 360, 72, 79], [6600, 120, 75, 79], [6720, 360, 73, 79], [7080, 120, 75, 79], [7200, 360, 77, 79], [7560, 120, 79, 79], [7680, 360, 80, 79], [8040, 120, 75, 79], [8160, 360, 72, 79], [8520, 120, 75, 79], [8640, 480, 73, 79], [9120, 180, 75, 79], [9300, 180, 77, 79], [9420, 180, 79, 79], [9600, 360, 80, 79], [9960, 120, 75, 79], [10080, 360, 72, 79], [10440, 120, 75, 79], [10560, 360, 73, 79], [10920, 120, 72, 79], [11040, 360, 70, 79], [11400, 120, 68, 79], [11520, 360, 67, 79], [11880, 120, 68, 79], [12000, 360, 70, 79], [12360, 120, 72, 79], [12480, 480, 73, 79], [12960, 180, 75, 79], [13140, 180, 77, 79], [13260, 180, 79, 79], [13440, 360, 80, 79], [13800, 120, 75, 79], [13920, 360, 72, 79], [14280, 120, 75, 79], [14400, 480, 73, 79], [14880, 360, 77, 79], [15240, 120, 79, 79]], "tempo": 120, "title": "mini", "instrument": 0}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22734-b7dd-764c-a79a-f055ecc624a0', '\x1f5417a823be5ecf3a1a19d482e41b31876e56b3f6b2bbd3b79fdf94c783cf6c', '2026-11-29 12:08:16.096162+00', '2026-11-29 12:08:16.111154+00', '2026-11-29 12:08:16.616473+00', 'engraving', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-be95-7508-b7d7-a7a4544a6b37', 'alice', 'succeeded', 'batch', '{"name": "tunes", "sha256": "2a6125430ad16c18923ed3f1c81d1f7a578f239fbde2cdd4ef5c6526c18b86ad"}', 1, 1, 0, 0, NULL, NULL, NULL, NULL, '\xedeac0efec7467609f8d38683c436fe3e150bd54a7ad994f3cbec55cf32e062d', '2026-11-29 12:08:17.815625+00', '2026-11-29 12:08:17.825221+00', '2026-11-29 12:08:18.915107+00', 'reading', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22734-fa4e-7bd1-92ce-fdde7cc05f07', 'alice', 'succeeded', 'batch', '{"base": null, "recipe": "mini", "dataset": "01a22734-be95-7508-b7d7-a7a4544a6b37", "version": "tunes-1", "overrides": {"seed": null, "batch": 4, "steps": null, "minutes": 0.2, "patience": null, "learning_rate": null}}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22734-fa49-7a9e-a026-315865fedd6b', '\x77a4723f45854504f318b2e6f6053eb505f2fa2578ada026680cab028507686e', '2026-11-29 12:08:33.103181+00', '2026-11-29 12:08:33.118353+00', '2026-11-29 12:08:51.464677+00', 'training', 0, 'tunes-1');
INSERT INTO public.jobs VALUES ('01a22735-453e-74e0-b132-b1afe1672a90', 'alice', 'succeeded', 'interactive', '{"bars": 8, "seed": 3, "count": 2, "model": "tunes-1", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 2, 2, 0, 0, NULL, NULL, NULL, '01a22735-453c-7de1-8f45-88dfbed3a0fe', '\x85411bfc5bea371f6ef10f602f7659bd3e70bc46aef1064ec8ebcce08719e723', '2026-11-29 12:08:52.286629+00', '2026-11-29 12:08:53.686691+00', '2026-11-29 12:08:53.728916+00', 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22735-4b36-7934-88d4-06e994a6c645', 'alice', 'succeeded', 'batch', '{"job_id": "01a22735-453e-74e0-b132-b1afe1672a90"}', 1, 1, 0, 0, NULL, NULL, NULL, '01a22735-4b34-73e8-9f73-c77d1af17a47', '\x347cd0f37bd48302ddc02f1c39e3c5f2f334275ce3c1d21807745fb04ef25254', '2026-11-29 12:08:53.814903+00', '2026-11-29 12:08:53.828008+00', '2026-11-29 12:08:55.9393+00', 'evaluation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22735-5521-7902-b04e-cbbc2541f0c7', 'alice', 'paused', 'batch', '{"base": null, "recipe": "mini", "dataset": "01a22734-be95-7508-b7d7-a7a4544a6b37", "version": "tunes-paused", "overrides": {"seed": null, "batch": 2, "steps": 100, "minutes": null, "patience": null, "learning_rate": null}}', 1, 0, 0, 0, NULL, NULL, NULL, '01a22735-5520-716e-8588-893b28c7af12', '\xd273063d364da890455e97fad91c35dad74b2c5849f9d5cad22b3f69d583124e', '2026-11-29 12:08:56.353906+00', '2026-11-29 12:08:56.364782+00', NULL, 'training', 1, 'tunes-paused');
INSERT INTO public.jobs VALUES ('01a22736-149b-7fc9-9d96-94931ccbb8e0', 'alice', 'running', 'batch', '{"base": null, "recipe": "mini", "dataset": "01a22734-be95-7508-b7d7-a7a4544a6b37", "version": "tunes-running", "overrides": {"seed": null, "batch": 2, "steps": 60, "minutes": null, "patience": null, "learning_rate": null}}', 1, 0, 0, 0, NULL, NULL, NULL, '01a22736-1498-779d-8309-0107ad93c724', '\x263d689ef08bed1f3964096d62c6047f77ee343427c40896e13cfbab7e47cad4', '2026-11-29 12:09:45.372421+00', '2026-11-29 12:09:45.38452+00', NULL, 'training', 0, 'tunes-running');
INSERT INTO public.jobs VALUES ('01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'alice', 'queued', 'batch', '{"bars": 2, "seed": 200, "count": 66, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "batch", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 66, 0, 0, 0, NULL, NULL, NULL, 'upgrade-2', '\x66f5430f8d387a17680990a38f1b6b41427c6e6ba790190dfe9bdcb0af0f9bd5', '2026-11-29 12:09:57.227312+00', NULL, NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-3aa8-72bc-a2f9-deb95d421d85', 'alice', 'running', 'interactive', '{"bars": 64, "seed": 20, "count": 2, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 2, 0, 0, 0, NULL, NULL, NULL, '01a22736-3aa4-7c6e-8adb-e0c536ad8bc9', '\xf3bcd06c05164136d50951252021d5f0923435d355dd99d2e654cd57949cedda', '2026-11-29 12:09:55.112631+00', '2026-11-29 12:09:55.122814+00', NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'alice', 'running', 'batch', '{"bars": 1, "seed": 100, "count": 70, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "batch", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 70, 64, 0, 0, NULL, NULL, NULL, '01a22736-3ab6-7271-aefd-e20c632327d5', '\xad8ad36e67b5a5eaa2d14aac168a02afceda4e38c7dc85ff99b2def5745563f9', '2026-11-29 12:09:55.131324+00', '2026-11-29 12:09:55.155837+00', NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-3ab1-7137-84fc-dc0fa5849c6f', 'alice', 'cancelling', 'interactive', '{"bars": 64, "seed": 30, "count": 2, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 2, 0, 0, 0, NULL, NULL, NULL, '01a22736-3aad-770d-a401-178bda51e76a', '\x0303a57c6f3fbd93bec2568e5fb7337e343641b766ab6bd6384c65b6536e15cb', '2026-11-29 12:09:55.121485+00', '2026-11-29 12:09:55.13809+00', NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-42f2-71e5-bd07-a2b83fd0cf40', 'developer', 'queued', 'interactive', '{"bars": 8, "seed": 5, "count": 1, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}', 1, 0, 0, 0, NULL, NULL, NULL, '01a22736-42ef-7efd-84c2-237eb17fcf5e', '\xdcc3d1bfc504bcc8deb4548a1d0a6a7177af168c6dc351bc95d4f4d4735ded29', '2026-11-29 12:09:57.234429+00', NULL, NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-42ff-7ada-8791-60c1d2ac9546', 'alice', 'queued', 'batch', '{"notes": [[1440, 180, 75, 79], [1620, 180, 77, 79], [1740, 180, 79, 79], [1920, 360, 80, 79], [2280, 120, 75, 79], [2400, 360, 72, 79], [2760, 120, 75, 79], [2880, 360, 73, 79], [3240, 120, 72, 79], [3360, 360, 70, 79], [3720, 120, 68, 79], [3840, 360, 67, 79]], "tempo": 120, "title": "waits", "instrument": 0}', 1, 0, 0, 0, NULL, NULL, NULL, '01a22736-42fe-7338-80b8-ed5ef1c513a1', '\x6c7abbbb9e6162e58ba46d5787f2ce9f0288983558d98b699a0fe59d1dc42f79', '2026-11-29 12:09:57.248116+00', NULL, NULL, 'engraving', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-42f7-7767-b8aa-480fe4c826b9', 'alice', 'queued', 'interactive', '{"bars": 8, "seed": 6, "count": 1, "model": "mini", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": 1}', 1, 0, 0, 0, NULL, NULL, NULL, '01a22736-42f5-7b79-9c46-c9421d8fb616', '\x434b2b9a48e5865863291329c2f0bfdffca27d25c8e9913d39602be4c3745889', '2026-11-29 12:09:57.23975+00', NULL, NULL, 'generation', 0, NULL);
INSERT INTO public.jobs VALUES ('01a22736-4304-7896-a878-482a3adffe8a', 'alice', 'queued', 'batch', '{"name": "one-melody", "sha256": "7785207fb92e4a514793a9508433bc37cd8803de80fc949760026338943993b2"}', 1, 0, 0, 0, NULL, NULL, NULL, NULL, '\x471a5423ba530dc6c247fe1306f7ffc2578ac4d73873e824c6d248d8a98fd518', '2026-11-29 12:09:57.25377+00', NULL, NULL, 'reading', 0, NULL);


--
-- Data for Name: melodies; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.melodies VALUES ('01a22734-a9ac-7846-90c5-c5c876f31df1', '01a22734-a92a-79e6-9535-930fb105af2d', 0, 'alice', 42, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 8, 58, 96, 0.04274656900003038, '[[1440, 180, 75, 79], [1620, 180, 77, 79], [1740, 180, 79, 79], [1920, 360, 80, 79], [2280, 120, 75, 79], [2400, 360, 72, 79], [2760, 120, 75, 79], [2880, 360, 73, 79], [3240, 120, 72, 79], [3360, 360, 70, 79], [3720, 120, 68, 79], [3840, 360, 67, 79], [4200, 120, 68, 79], [4320, 360, 70, 79], [4680, 120, 72, 79], [4800, 480, 73, 79], [5280, 180, 75, 79], [5460, 180, 77, 79], [5580, 180, 79, 79], [5760, 360, 80, 79], [6120, 120, 75, 79], [6240, 360, 72, 79], [6600, 120, 75, 79], [6720, 360, 73, 79], [7080, 120, 75, 79], [7200, 360, 77, 79], [7560, 120, 79, 79], [7680, 360, 80, 79], [8040, 120, 75, 79], [8160, 360, 72, 79], [8520, 120, 75, 79], [8640, 480, 73, 79], [9120, 180, 75, 79], [9300, 180, 77, 79], [9420, 180, 79, 79], [9600, 360, 80, 79], [9960, 120, 75, 79], [10080, 360, 72, 79], [10440, 120, 75, 79], [10560, 360, 73, 79], [10920, 120, 72, 79], [11040, 360, 70, 79], [11400, 120, 68, 79], [11520, 360, 67, 79], [11880, 120, 68, 79], [12000, 360, 70, 79], [12360, 120, 72, 79], [12480, 480, 73, 79], [12960, 180, 75, 79], [13140, 180, 77, 79], [13260, 180, 79, 79], [13440, 360, 80, 79], [13800, 120, 75, 79], [13920, 360, 72, 79], [14280, 120, 75, 79], [14400, 480, 73, 79], [14880, 360, 77, 79], [15240, 120, 79, 79]]', '{349,68,288,70,302,72,208,252,222,387,65,219,378,66,232,473,63,227,490,264,222,509,63,219,406,66,216,68,288,70,302,72,208,252,222,387,65,219,378,66,232,437,70,227,476,252,222,387,65,219,378,66,216,68,288,70,302,72,208,252,222,387,65,219,378,66,232,473,63,227,490,264,222,509,63,219,406,66,216,68,288,70,302,72,208,252,222,387,65,219,378,66,216,70,227,476}', '\x4d546864000000060001000101e04d54726b0000038300ff0183026f7374696e61746f207b2262617273223a382c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a34322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f0090484f7880484f0090464f826880464f0090444f7880444f0090434f826880434f0090444f7880444f0090464f826880464f0090484f7880484f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f00904b4f78804b4f00904d4f8268804d4f00904f4f78804f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f0090484f7880484f0090464f826880464f0090444f7880444f0090434f826880434f0090444f7880444f0090464f826880464f0090484f7880484f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f836080494f00904d4f8268804d4f00904f4f78804f4f00ff2f00', '2026-11-29 12:08:12.458245+00', false, 67, 80);
INSERT INTO public.melodies VALUES ('01a22734-a9ac-7baf-9268-fcdd6576f170', '01a22734-a92a-79e6-9535-930fb105af2d', 1, 'alice', 43, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 8, 102, 178, 0.06388409200002343, '[[1680, 240, 64, 79], [1920, 240, 69, 79], [2160, 120, 73, 79], [2280, 120, 69, 79], [2400, 120, 64, 79], [2520, 120, 64, 79], [2640, 120, 64, 79], [2760, 120, 73, 79], [2880, 120, 71, 79], [3000, 120, 64, 79], [3120, 120, 64, 79], [3240, 120, 68, 79], [3360, 240, 71, 79], [3600, 120, 69, 79], [3720, 120, 71, 79], [3840, 120, 73, 79], [3960, 120, 74, 79], [4080, 120, 73, 79], [4200, 120, 74, 79], [4320, 120, 69, 79], [4440, 120, 68, 79], [4560, 120, 66, 79], [4680, 120, 64, 79], [4800, 120, 64, 79], [4920, 120, 63, 79], [5040, 120, 64, 79], [5160, 120, 66, 79], [5280, 120, 64, 79], [5400, 120, 59, 79], [5520, 120, 59, 79], [5640, 120, 68, 79], [5760, 240, 69, 79], [6000, 120, 73, 79], [6120, 120, 69, 79], [6240, 120, 64, 79], [6360, 120, 64, 79], [6480, 120, 64, 79], [6600, 120, 73, 79], [6720, 120, 71, 79], [6840, 120, 64, 79], [6960, 120, 64, 79], [7080, 120, 68, 79], [7200, 240, 71, 79], [7440, 120, 69, 79], [7560, 120, 71, 79], [7680, 120, 73, 79], [7800, 120, 76, 79], [7920, 120, 73, 79], [8040, 120, 69, 79], [8160, 120, 76, 79], [8280, 120, 73, 79], [8400, 120, 71, 79], [8520, 120, 69, 79], [8640, 120, 69, 79], [8760, 120, 68, 79], [8880, 120, 66, 79], [9000, 120, 64, 79], [9120, 240, 66, 79], [9360, 120, 76, 79], [9480, 120, 78, 79], [9600, 120, 80, 79], [9720, 120, 78, 79], [9840, 120, 76, 79], [9960, 120, 80, 79], [10080, 120, 78, 79], [10200, 120, 76, 79], [10320, 120, 73, 79], [10440, 120, 71, 79], [10560, 120, 69, 79], [10680, 120, 68, 79], [10800, 120, 66, 79], [10920, 120, 64, 79], [11040, 240, 64, 79], [11520, 120, 76, 79], [11640, 120, 78, 79], [11760, 120, 75, 79], [11880, 120, 78, 79], [12000, 120, 73, 79], [12120, 120, 76, 79], [12240, 120, 71, 79], [12360, 120, 74, 79], [12480, 120, 73, 79], [12600, 120, 74, 79], [12720, 120, 76, 79], [12840, 120, 78, 79], [12960, 120, 80, 79], [13080, 120, 78, 79], [13200, 120, 76, 79], [13320, 120, 78, 79], [13440, 120, 80, 79], [13560, 120, 78, 79], [13680, 120, 76, 79], [13800, 120, 80, 79], [13920, 120, 78, 79], [14040, 120, 76, 79], [14160, 120, 73, 79], [14280, 120, 71, 79], [14400, 120, 69, 79], [14520, 120, 68, 79], [14640, 120, 66, 79], [14760, 120, 64, 79], [14880, 240, 64, 79]]', '{298,290,371,66,221,449,57,225,57,226,57,220,366,64,224,57,230,57,228,61,215,279,62,229,394,237,223,67,231,66,221,425,62,225,61,226,59,220,57,213,57,224,56,230,57,228,59,215,57,234,52,235,52,229,490,371,66,221,449,57,225,57,226,57,220,366,64,224,57,230,57,228,61,215,279,62,229,394,237,223,69,231,66,221,449,69,225,66,226,64,220,416,62,224,61,230,59,228,57,215,386,69,229,457,252,223,71,231,69,221,474,71,225,69,226,66,220,375,62,224,61,230,59,228,57,215,290,240,223,71,231,68,221,426,66,225,69,226,64,220,376,66,224,67,230,69,228,465,73,234,71,235,69,229,457,252,223,71,231,69,221,474,71,225,69,226,66,220,375,62,224,61,230,59,228,57,215,290}', '\x4d546864000000060001000101e04d54726b000004d800ff0183026f7374696e61746f207b2262617273223a382c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a34332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090404f817080404f0090454f817080454f0090494f7880494f0090454f7880454f0090404f7880404f0090404f7880404f0090404f7880404f0090494f7880494f0090474f7880474f0090404f7880404f0090404f7880404f0090444f7880444f0090474f817080474f0090454f7880454f0090474f7880474f0090494f7880494f00904a4f78804a4f0090494f7880494f00904a4f78804a4f0090454f7880454f0090444f7880444f0090424f7880424f0090404f7880404f0090404f7880404f00903f4f78803f4f0090404f7880404f0090424f7880424f0090404f7880404f00903b4f78803b4f00903b4f78803b4f0090444f7880444f0090454f817080454f0090494f7880494f0090454f7880454f0090404f7880404f0090404f7880404f0090404f7880404f0090494f7880494f0090474f7880474f0090404f7880404f0090404f7880404f0090444f7880444f0090474f817080474f0090454f7880454f0090474f7880474f0090494f7880494f00904c4f78804c4f0090494f7880494f0090454f7880454f00904c4f78804c4f0090494f7880494f0090474f7880474f0090454f7880454f0090454f7880454f0090444f7880444f0090424f7880424f0090404f7880404f0090424f817080424f00904c4f78804c4f00904e4f78804e4f0090504f7880504f00904e4f78804e4f00904c4f78804c4f0090504f7880504f00904e4f78804e4f00904c4f78804c4f0090494f7880494f0090474f7880474f0090454f7880454f0090444f7880444f0090424f7880424f0090404f7880404f0090404f817080404f8170904c4f78804c4f00904e4f78804e4f00904b4f78804b4f00904e4f78804e4f0090494f7880494f00904c4f78804c4f0090474f7880474f00904a4f78804a4f0090494f7880494f00904a4f78804a4f00904c4f78804c4f00904e4f78804e4f0090504f7880504f00904e4f78804e4f00904c4f78804c4f00904e4f78804e4f0090504f7880504f00904e4f78804e4f00904c4f78804c4f0090504f7880504f00904e4f78804e4f00904c4f78804c4f0090494f7880494f0090474f7880474f0090454f7880454f0090444f7880444f0090424f7880424f0090404f7880404f0090404f817080404f8170ff2f00', '2026-11-29 12:08:12.458245+00', true, 59, 80);
INSERT INTO public.melodies VALUES ('01a22734-ab97-799a-9463-faec6da46797', '01a22734-ab62-7b2b-b088-2b9e480a8ce4', 0, 'alice', 7, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 96, 8, 55, 93, 0.030176211000025432, '[[0, 480, 57, 79], [480, 240, 57, 79], [720, 240, 64, 79], [960, 240, 62, 79], [1200, 240, 61, 79], [1440, 240, 59, 79], [1680, 240, 57, 79], [1920, 480, 57, 79], [2400, 240, 57, 79], [2640, 240, 64, 79], [2880, 240, 57, 79], [3120, 240, 57, 79], [3360, 240, 59, 79], [3600, 240, 57, 79], [3840, 480, 57, 79], [4320, 240, 57, 79], [4560, 240, 64, 79], [4800, 240, 62, 79], [5040, 240, 61, 79], [5280, 240, 59, 79], [5520, 240, 57, 79], [5760, 480, 57, 79], [6240, 240, 57, 79], [6480, 240, 64, 79], [6720, 240, 62, 79], [6960, 240, 64, 79], [7200, 240, 66, 79], [7440, 240, 69, 79], [7680, 240, 71, 79], [7920, 240, 69, 79], [8160, 240, 71, 79], [8400, 240, 73, 79], [8640, 480, 74, 79], [9120, 480, 74, 79], [9600, 480, 57, 79], [10080, 240, 57, 79], [10320, 240, 64, 79], [10560, 240, 57, 79], [10800, 240, 59, 79], [11040, 240, 61, 79], [11280, 240, 64, 79], [11520, 480, 69, 79], [12000, 240, 69, 79], [12240, 240, 64, 79], [12480, 240, 62, 79], [12720, 240, 61, 79], [12960, 240, 59, 79], [13200, 240, 57, 79], [13440, 480, 57, 79], [13920, 240, 57, 79], [14160, 240, 64, 79], [14400, 240, 62, 79], [14640, 240, 59, 79], [14880, 240, 59, 79], [15120, 240, 64, 79]]', '{202,50,218,50,207,502,55,212,54,211,52,205,505,202,50,218,50,207,502,50,212,50,211,52,205,505,202,50,218,50,207,502,55,212,54,211,52,205,505,202,50,218,50,207,502,55,212,495,386,250,367,356,296,282,498,486,202,50,218,50,207,502,50,212,52,211,54,205,290,247,218,316,502,55,212,54,211,52,205,505,202,50,218,50,207,502,55,212,52,211,52,205,290}', '\x4d546864000000060001000101e04d54726b000003f400ff01836a6f7374696e61746f207b2262617273223a382c2263686f726473223a7b2270726f6772657373696f6e223a5b22446d37222c224737225d2c227374726963746e657373223a302e357d2c22696e737472756d656e74223a32342c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a7b2268696768657374223a38342c226c6f77657374223a34387d2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a7b226d6f6465223a22646f7269616e222c227374726963746e657373223a302e392c22746f6e6963223a2244227d2c2273656564223a372c2274656d706f223a39367d00ff58040402180800ff510309896800c0180090394f836080394f0090394f817080394f0090404f817080404f00903e4f8170803e4f00903d4f8170803d4f00903b4f8170803b4f0090394f817080394f0090394f836080394f0090394f817080394f0090404f817080404f0090394f817080394f0090394f817080394f00903b4f8170803b4f0090394f817080394f0090394f836080394f0090394f817080394f0090404f817080404f00903e4f8170803e4f00903d4f8170803d4f00903b4f8170803b4f0090394f817080394f0090394f836080394f0090394f817080394f0090404f817080404f00903e4f8170803e4f0090404f817080404f0090424f817080424f0090454f817080454f0090474f817080474f0090454f817080454f0090474f817080474f0090494f817080494f00904a4f8360804a4f00904a4f8360804a4f0090394f836080394f0090394f817080394f0090404f817080404f0090394f817080394f00903b4f8170803b4f00903d4f8170803d4f0090404f817080404f0090454f836080454f0090454f817080454f0090404f817080404f00903e4f8170803e4f00903d4f8170803d4f00903b4f8170803b4f0090394f817080394f0090394f836080394f0090394f817080394f0090404f817080404f00903e4f8170803e4f00903b4f8170803b4f00903b4f8170803b4f0090404f817080404f00ff2f00', '2026-11-29 12:08:12.950292+00', false, 57, 74);
INSERT INTO public.melodies VALUES ('01a22734-ae22-776d-a3e6-1165ff391d48', '01a22734-adf1-7f90-8dd7-74e6b81c4a7e', 0, 'alice', 8, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 12, 86, 48, 0.02159807000003866, '[[1440, 180, 75, 79], [1620, 180, 77, 79], [1740, 180, 79, 79], [1920, 360, 80, 79], [2280, 120, 75, 79], [2400, 360, 72, 79], [2760, 120, 75, 79], [2880, 360, 73, 79], [3240, 120, 72, 79], [3360, 360, 70, 79], [3720, 120, 68, 79], [3840, 360, 67, 79], [4200, 120, 68, 79], [4320, 360, 70, 79], [4680, 120, 72, 79], [4800, 480, 73, 79], [5280, 180, 75, 79], [5460, 180, 77, 79], [5580, 180, 79, 79], [5760, 360, 80, 79], [6120, 120, 75, 79], [6240, 360, 72, 79], [6600, 120, 75, 79], [6720, 360, 73, 79], [7080, 120, 75, 79], [7200, 360, 77, 79], [7560, 120, 79, 79], [7680, 360, 80, 79], [8040, 120, 75, 79], [8160, 360, 72, 79], [8520, 120, 75, 79], [8640, 480, 73, 79], [9120, 180, 75, 79], [9300, 180, 77, 79], [9420, 180, 79, 79], [9600, 360, 80, 79], [9960, 120, 75, 79], [10080, 360, 72, 79], [10440, 120, 75, 79], [10560, 360, 73, 79], [10920, 120, 72, 79], [11040, 360, 70, 79], [11400, 120, 68, 79], [11520, 360, 67, 79], [11880, 120, 68, 79], [12000, 360, 70, 79], [12360, 120, 72, 79], [12480, 480, 73, 79], [12960, 180, 75, 79], [13140, 180, 77, 79], [13260, 180, 79, 79], [13440, 360, 80, 79], [13800, 120, 75, 79], [13920, 360, 72, 79], [14280, 120, 75, 79], [14400, 480, 73, 79], [14880, 360, 77, 79], [15240, 120, 79, 79], [15360, 360, 80, 79], [15720, 120, 75, 79], [15840, 360, 72, 79], [16200, 120, 75, 79], [16320, 480, 73, 79], [16800, 480, 82, 79], [17280, 360, 84, 79], [17640, 120, 80, 79], [17760, 360, 75, 79], [18120, 120, 84, 79], [18240, 480, 80, 79], [18720, 360, 77, 79], [19080, 120, 79, 79], [19200, 360, 80, 79], [19560, 120, 84, 79], [19680, 360, 75, 79], [20040, 120, 84, 79], [20160, 360, 80, 79], [20520, 120, 84, 79], [20640, 360, 75, 79], [21000, 120, 84, 79], [21120, 360, 82, 79], [21480, 120, 80, 79], [21600, 360, 79, 79], [21960, 120, 77, 79], [22080, 480, 75, 79], [22560, 360, 77, 79], [22920, 120, 79, 79]]', '{252,222,387,65,219,378,66,216,75,203,408,222,474,68,219,77,213,73,216,70,227,476,252,222,77,214,68,219,77,213,73,232,77,215,68,227,77,200,285,222,474,72,219,402,489,70,227,476}', '\x4d546864000000060001000101e04d54726b0000049400ff0183236f7374696e61746f207b2262617273223a342c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a2230316132323733342d616465612d373431382d383933642d386132383437313362323164222c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f0090484f7880484f0090464f826880464f0090444f7880444f0090434f826880434f0090444f7880444f0090464f826880464f0090484f7880484f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f00904b4f78804b4f00904d4f8268804d4f00904f4f78804f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f826880494f0090484f7880484f0090464f826880464f0090444f7880444f0090434f826880434f0090444f7880444f0090464f826880464f0090484f7880484f0090494f836080494f00904b4f8134804b4f00904d4f784f4f3c804d4f784f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f836080494f00904d4f8268804d4f00904f4f78804f4f0090504f826880504f00904b4f78804b4f0090484f826880484f00904b4f78804b4f0090494f836080494f0090524f836080524f0090544f826880544f0090504f7880504f00904b4f8268804b4f0090544f7880544f0090504f836080504f00904d4f8268804d4f00904f4f78804f4f0090504f826880504f0090544f7880544f00904b4f8268804b4f0090544f7880544f0090504f826880504f0090544f7880544f00904b4f8268804b4f0090544f7880544f0090524f826880524f0090504f7880504f00904f4f8268804f4f00904d4f78804d4f00904b4f8360804b4f00904d4f8268804d4f00904f4f78804f4f00ff2f00', '2026-11-29 12:08:13.601234+00', false, 67, 84);
INSERT INTO public.melodies VALUES ('01a22734-b02d-7ac0-a082-70ee152dd7d2', '01a22734-affd-7429-9611-81ecfa898658', 0, 'developer', 1, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 8, 57, 65, 0.025711307999984, '[[0, 480, 70, 79], [480, 240, 70, 79], [720, 240, 74, 79], [960, 240, 72, 79], [1200, 240, 69, 79], [1440, 240, 65, 79], [1680, 240, 69, 79], [1920, 480, 70, 79], [2400, 240, 70, 79], [2640, 240, 67, 79], [2880, 240, 69, 79], [3120, 240, 65, 79], [3360, 240, 65, 79], [3600, 240, 69, 79], [3840, 480, 70, 79], [4320, 240, 70, 79], [4560, 240, 74, 79], [4800, 240, 72, 79], [5040, 240, 69, 79], [5280, 240, 65, 79], [5520, 240, 69, 79], [5760, 240, 72, 79], [6000, 240, 70, 79], [6240, 240, 69, 79], [6480, 240, 67, 79], [6720, 120, 65, 79], [6840, 120, 65, 79], [6960, 240, 65, 79], [7200, 480, 65, 79], [7680, 480, 70, 79], [8160, 240, 70, 79], [8400, 240, 74, 79], [8640, 240, 72, 79], [8880, 240, 69, 79], [9120, 240, 65, 79], [9360, 240, 69, 79], [9600, 480, 70, 79], [10080, 240, 70, 79], [10320, 240, 67, 79], [10560, 240, 69, 79], [10800, 240, 65, 79], [11040, 240, 65, 79], [11280, 240, 69, 79], [11520, 480, 70, 79], [12000, 240, 70, 79], [12240, 240, 74, 79], [12480, 240, 72, 79], [12720, 240, 69, 79], [12960, 240, 65, 79], [13200, 240, 69, 79], [13440, 240, 72, 79], [13680, 240, 77, 79], [13920, 240, 77, 79], [14160, 240, 76, 79], [14400, 240, 74, 79], [14640, 240, 70, 79], [14880, 480, 70, 79]]', '{246,218,325,272,322,338,420,250,246,218,325,372,365,450,420,250,246,218,325,272,322,338,420,250,319,326,316,372,58,224,58,230,450,462,246,218,325,272,322,338,420,250,246,218,325,372,365,450,420,250,246,218,325,272,322,338,420,250,319,324,276,286,308,333,452}', '\x4d546864000000060001000101e04d54726b0000039b00ff0183016f7374696e61746f207b2262617273223a382c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090464f836080464f0090464f817080464f00904a4f8170804a4f0090484f817080484f0090454f817080454f0090414f817080414f0090454f817080454f0090464f836080464f0090464f817080464f0090434f817080434f0090454f817080454f0090414f817080414f0090414f817080414f0090454f817080454f0090464f836080464f0090464f817080464f00904a4f8170804a4f0090484f817080484f0090454f817080454f0090414f817080414f0090454f817080454f0090484f817080484f0090464f817080464f0090454f817080454f0090434f817080434f0090414f7880414f0090414f7880414f0090414f817080414f0090414f836080414f0090464f836080464f0090464f817080464f00904a4f8170804a4f0090484f817080484f0090454f817080454f0090414f817080414f0090454f817080454f0090464f836080464f0090464f817080464f0090434f817080434f0090454f817080454f0090414f817080414f0090414f817080414f0090454f817080454f0090464f836080464f0090464f817080464f00904a4f8170804a4f0090484f817080484f0090454f817080454f0090414f817080414f0090454f817080454f0090484f817080484f00904d4f8170804d4f00904d4f8170804d4f00904c4f8170804c4f00904a4f8170804a4f0090464f817080464f0090464f836080464f00ff2f00', '2026-11-29 12:08:14.124756+00', false, 65, 77);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7718-b42c-ed309a015e4a', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 0, 'alice', 100, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013952510999956758, '[[1680, 240, 82, 79]]', '{298,414}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090524f817080524f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 82, 82);
INSERT INTO public.melodies VALUES ('01a22736-3b06-77f8-a73a-1dacd00d84d7', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 1, 'alice', 101, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.01395305100004407, '[[1680, 240, 67, 79]]', '{298,281}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090434f817080434f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 67, 67);
INSERT INTO public.melodies VALUES ('01a22736-3b06-781a-9409-8c65ade4fb2b', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 2, 'alice', 102, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.01844929100002446, '[[1440, 360, 62, 79], [1800, 120, 63, 79]]', '{349,55,227,56,200}', '\x4d546864000000060001000101e04d54726b000001b000ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20903e4f8268803e4f00903f4f78803f4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 62, 63);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7834-b849-9f4d368b4a17', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 3, 'alice', 103, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 3, 0.015583545000026788, '[[1440, 480, 62, 79]]', '{349,55,203}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20903e4f8360803e4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 62, 62);
INSERT INTO public.melodies VALUES ('01a22736-3b06-784b-bfb3-68f70d28b2bf', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 4, 'alice', 104, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.017052217000014025, '[[1680, 120, 79, 79], [1800, 120, 78, 79]]', '{298,72,229,457}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10904f4f78804f4f00904e4f78804e4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 78, 79);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7861-a16e-bff6bd265f46', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 5, 'alice', 105, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 3, 0.015584747000048083, '[[1440, 240, 72, 79], [1680, 240, 70, 79]]', '{349,277,265}', '\x4d546864000000060001000101e04d54726b000001b100ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090484f817080484f0090464f817080464f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 70, 72);
INSERT INTO public.melodies VALUES ('01a22736-3b06-79ea-ae4b-578f488ec1f6', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 20, 'alice', 120, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 7, 0.02073828700008562, '[[1440, 180, 70, 79], [1620, 180, 72, 79], [1740, 180, 74, 79]]', '{349,63,288,65,302,67,208}', '\x4d546864000000060001000101e04d54726b000001b600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090464f813480464f0090484f784a4f3c80484f784a4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 70, 74);
INSERT INTO public.melodies VALUES ('01a22735-4ae1-7b95-ac6a-04a1cfea1c31', '01a22735-453e-74e0-b132-b1afe1672a90', 0, 'alice', 3, 'tunes-1', '44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 8, 51, 104, 0.03690323000000717, '[[0, 420, 38, 95], [1680, 180, 82, 63], [1680, 1860, 84, 55], [1680, 240, 89, 71], [1920, 1860, 63, 55], [1920, 1860, 70, 55], [1920, 180, 73, 63], [2760, 180, 46, 95], [2760, 420, 77, 71], [3600, 180, 47, 95], [3600, 240, 89, 71], [3840, 420, 32, 95], [3840, 180, 78, 63], [4680, 180, 48, 95], [4680, 180, 87, 63], [5520, 180, 80, 63], [5640, 120, 47, 95], [5760, 1860, 63, 55], [5760, 240, 80, 71], [6720, 420, 77, 71], [6960, 420, 42, 95], [7200, 240, 82, 71], [7440, 420, 32, 95], [7440, 1860, 72, 55], [7440, 240, 77, 103], [7680, 420, 35, 95], [7680, 1860, 59, 55], [7680, 1860, 63, 55], [7680, 1860, 66, 55], [7680, 180, 71, 71], [7920, 180, 77, 63], [8160, 180, 77, 63], [8400, 1860, 72, 55], [8400, 180, 87, 63], [9120, 180, 82, 63], [9360, 240, 84, 71], [9600, 420, 34, 95], [9600, 240, 83, 71], [11280, 180, 46, 95], [11280, 420, 85, 71], [11400, 120, 44, 95], [11760, 180, 76, 63], [12480, 180, 77, 71], [12720, 180, 41, 95], [12720, 1860, 72, 55], [12720, 240, 85, 71], [13680, 180, 77, 63], [13800, 360, 82, 71], [14880, 120, 80, 71], [15120, 180, 49, 95], [15120, 180, 84, 63]]', '{405,219,273,102,227,107,228,233,81,227,348,91,264,64,226,95,244,219,362,107,228,233,50,231,237,205,66,226,105,224,219,271,221,65,255,233,81,227,98,228,207,95,244,445,215,100,228,219,50,231,90,227,95,229,374,77,227,307,89,256,295,199,95,240,90,227,105,238,273,219,102,228,233,52,231,101,228,219,64,226,368,373,232,195,94,267,385,59,226,90,227,103,228,232,195,462,443,215,98,277,219,363,102,224}', '\x4d546864000000060001000101e04d54726b0000032e00ff0183046f7374696e61746f207b2262617273223a382c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a2274756e65732d31222c226d6f64656c5f736861323536223a2234346334393835653033623531633330346639356430313038353164623532303566386130646334623662383463646132656432383864383835666539653561222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090265f832480265f896c90523f005437005947813480523f3c594700903f3700463700493f813480493f8514902e5f004d478134802e5f81704d47826854373c902f5f0059478134803f37004637002f5f3c59470090205f004e3f8134804e3f8170205f832490305f00573f813480305f00573f851490503f782f5f3c80503f3c2f5f00903f3700504781708050478550904d4781702a5f8134804d473c9052478134802a5f3c52470090205f004837004d678134803f373c4d670090235f003b37003f37004237004747813480205f0047473c904d3f813480235f004d3f3c904d3f8134804d3f3c90483700573f813480573f841c90523f813480483700523f3c9054478134803b37003f370042373c54470090225f00534781708053478134225f81704837877c902e5f005547782c5f3c802e5f3c2c5f813455473c904c3f8134804c3f841c904d478134804d473c90295f004837005547813480295f3c55478550904d3f7852473c804d3f822c524783244837822c905047788050477890315f00543f813480315f00543f3cff2f00', '2026-11-29 12:08:53.728916+00', false, 32, 89);
INSERT INTO public.melodies VALUES ('01a22735-4ae1-7c8f-ad19-1b9de6777cd9', '01a22735-453e-74e0-b132-b1afe1672a90', 1, 'alice', 4, 'tunes-1', '44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 8, 29, 69, 0.029171332000032635, '[[240, 180, 40, 95], [720, 180, 40, 95], [720, 120, 65, 79], [720, 120, 68, 79], [2160, 180, 35, 95], [3120, 180, 31, 95], [3600, 180, 43, 95], [4080, 180, 33, 95], [6000, 180, 35, 95], [7920, 180, 31, 95], [9360, 180, 41, 95], [9840, 420, 42, 95], [9840, 180, 83, 63], [10080, 180, 79, 63], [11520, 180, 31, 95], [12720, 180, 33, 95], [13440, 1860, 59, 55], [13440, 1860, 62, 55], [13440, 1860, 65, 55], [13440, 180, 77, 63], [14160, 420, 36, 95], [14160, 1200, 57, 55], [14160, 1200, 60, 55], [14160, 1200, 64, 55], [14160, 180, 69, 71], [14640, 180, 33, 95], [14640, 180, 84, 63], [15120, 180, 32, 95], [15120, 180, 72, 63]]', '{232,195,252,498,329,232,195,53,226,211,49,226,219,61,226,232,195,51,226,232,195,53,226,232,195,49,226,219,59,226,232,195,304,262,199,97,224,233,49,226,211,51,226,233,77,227,80,227,472,95,240,54,231,75,227,78,227,282,87,239,51,226,102,224,219,50,226,90,224}', '\x4d546864000000060001000101e04d54726b0000028f00ff0183046f7374696e61746f207b2262617273223a382c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a2274756e65732d31222c226d6f64656c5f736861323536223a2234346334393835653033623531633330346639356430313038353164623532303566386130646334623662383463646132656432383864383835666539653561222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c000817090285f813480285f822c90285f00414f00444f7880414f00444f3c285f896c90235f813480235f860c901f5f8134801f5f822c902b5f8134802b5f822c90215f813480215f8d4c90235f813480235f8d4c901f5f8134801f5f896c90295f813480295f822c902a5f00533f813480533f3c904f3f8134802a5f004f3f896c901f5f8134801f5f877c90215f813480215f841c903b37003e37004137004d3f8134804d3f841c90245f003937003c3700403700454781348045478170245f3c90215f00543f813480215f00543f822c90205f00483f8134803b37003e3700413700205f00483f3c3937003c3700403700ff2f00', '2026-11-29 12:08:53.728916+00', false, 31, 84);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7877-beb1-aef5cc9025a2', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 6, 'alice', 106, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 8, 13, 0.02609066399998028, '[[0, 720, 71, 79], [720, 240, 71, 79], [960, 120, 71, 79], [1080, 120, 69, 79], [1200, 120, 71, 79], [1320, 120, 68, 79], [1440, 240, 66, 79], [1680, 240, 64, 79]]', '{243,385,291,64,224,62,230,64,228,61,215,386,290}', '\x4d546864000000060001000101e04d54726b000001e200ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090474f855080474f0090474f817080474f0090474f7880474f0090454f7880454f0090474f7880474f0090444f7880444f0090424f817080424f0090404f817080404f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 64, 71);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7891-817d-c22e1cdee938', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 7, 'alice', 107, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013956806999999571, '[[1680, 240, 65, 79]]', '{298,303}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090414f817080414f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 65, 65);
INSERT INTO public.melodies VALUES ('01a22736-3b06-78a7-b81a-c8685078253c', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 8, 'alice', 108, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.017054730000040763, '[[1680, 120, 74, 79], [1800, 120, 72, 79]]', '{298,67,229,444}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10904a4f78804a4f0090484f7880484f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 72, 74);
INSERT INTO public.melodies VALUES ('01a22736-3b06-78be-9848-990fca81da5a', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 9, 'alice', 109, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 3, 0.015587159999995492, '[[1440, 240, 68, 79], [1680, 240, 66, 79]]', '{349,351,267}', '\x4d546864000000060001000101e04d54726b000001b100ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3130392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090444f817080444f0090424f817080424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 66, 68);
INSERT INTO public.melodies VALUES ('01a22736-3b06-78e6-83e6-7c214ad1e3f6', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 10, 'alice', 110, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.01845442900003036, '[[1680, 120, 66, 79], [1800, 120, 67, 79]]', '{298,59,229,60,200}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090424f7880424f0090434f7880434f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 66, 67);
INSERT INTO public.melodies VALUES ('01a22736-3b06-78fc-88bb-20921cfc5b99', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 11, 'alice', 111, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 20, 32, 0.03604807399995025, '[[0, 480, 55, 79], [0, 240, 59, 79], [0, 240, 62, 79], [240, 240, 59, 79], [240, 240, 62, 79], [480, 480, 54, 79], [480, 240, 59, 79], [480, 240, 62, 79], [720, 240, 59, 79], [720, 240, 62, 79], [960, 480, 55, 79], [960, 240, 59, 79], [960, 240, 62, 79], [1200, 240, 59, 79], [1200, 240, 62, 79], [1440, 480, 57, 79], [1440, 240, 60, 79], [1440, 240, 62, 79], [1680, 240, 59, 79], [1680, 240, 62, 79]]', '{202,48,203,448,55,209,448,55,210,47,203,448,55,207,448,55,206,48,203,448,55,212,448,55,211,50,203,455,55,205,448,341}', '\x4d546864000000060001000101e04d54726b0000022e00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090374f003b4f003e4f8170803b4f003e4f00903b4f003e4f817080374f003b4f003e4f0090364f003b4f003e4f8170803b4f003e4f00903b4f003e4f817080364f003b4f003e4f0090374f003b4f003e4f8170803b4f003e4f00903b4f003e4f817080374f003b4f003e4f0090394f003c4f003e4f8170803c4f003e4f00903b4f003e4f817080394f003b4f003e4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 54, 62);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7922-8f17-d832a01c4eab', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 12, 'alice', 112, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 8, 8, 0.021742875999962052, '[[0, 240, 72, 79], [240, 240, 72, 79], [480, 240, 72, 79], [720, 240, 72, 79], [960, 240, 76, 79], [1200, 240, 72, 79], [1440, 240, 79, 79], [1680, 240, 76, 79]]', '{319,345,284,289,331,346,321,263}', '\x4d546864000000060001000101e04d54726b000001e600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090484f817080484f0090484f817080484f0090484f817080484f0090484f817080484f00904c4f8170804c4f0090484f817080484f00904f4f8170804f4f00904c4f8170804c4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 72, 79);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a00-9e9a-bc43f3d51c2d', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 21, 'alice', 121, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013965429999984735, '[[1680, 240, 60, 79]]', '{298,455}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903c4f8170803c4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 60, 60);
INSERT INTO public.melodies VALUES ('01a22736-3b06-793f-8d0b-fefa4df30428', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 13, 'alice', 113, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 9, 13, 0.026088209999898027, '[[0, 120, 73, 79], [120, 120, 70, 79], [240, 120, 68, 79], [360, 120, 70, 79], [480, 240, 73, 79], [720, 240, 73, 79], [960, 240, 77, 79], [1200, 240, 80, 79], [1440, 480, 80, 79]]', '{237,223,63,231,61,221,470,280,282,335,419,73,203}', '\x4d546864000000060001000101e04d54726b000001eb00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090494f7880494f0090464f7880464f0090444f7880444f0090464f7880464f0090494f817080494f0090494f817080494f00904d4f8170804d4f0090504f817080504f0090504f836080504f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 68, 80);
INSERT INTO public.melodies VALUES ('01a22736-3b06-795a-b985-704f6e08477b', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 14, 'alice', 114, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 9, 0.022777369999971597, '[[1680, 60, 73, 79], [1740, 60, 75, 79], [1860, 60, 77, 79]]', '{298,66,217,195,68,217,197,70,217}', '\x4d546864000000060001000101e04d54726b000001b700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090494f3c80494f00904b4f3c804b4f3c904d4f3c804d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 73, 77);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7971-8e59-0ea255d85403', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 15, 'alice', 115, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 9, 0.022777980999990177, '[[1680, 60, 71, 79], [1740, 60, 73, 79], [1860, 60, 75, 79]]', '{298,64,217,195,66,217,197,68,217}', '\x4d546864000000060001000101e04d54726b000001b700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090474f3c80474f0090494f3c80494f3c904b4f3c804b4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 71, 75);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7987-9d0f-6259f372a992', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 16, 'alice', 116, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 10, 17, 0.028666899000086232, '[[0, 360, 66, 79], [360, 120, 64, 79], [480, 240, 64, 79], [720, 240, 62, 79], [960, 120, 66, 79], [1080, 120, 66, 79], [1200, 240, 66, 79], [1440, 120, 64, 79], [1560, 120, 66, 79], [1680, 240, 66, 79]]', '{274,222,57,214,494,55,206,59,224,59,230,422,57,234,59,235,267}', '\x4d546864000000060001000101e04d54726b000001f300ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090424f826880424f0090404f7880404f0090404f817080404f00903e4f8170803e4f0090424f7880424f0090424f7880424f0090424f817080424f0090404f7880404f0090424f7880424f0090424f817080424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 62, 66);
INSERT INTO public.melodies VALUES ('01a22736-3b06-79a3-8e47-80bc45708eb1', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 17, 'alice', 117, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013962975999902483, '[[1680, 240, 71, 79]]', '{298,254}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090474f817080474f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 71, 71);
INSERT INTO public.melodies VALUES ('01a22736-3b06-79b7-88bb-89c3de06a777', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 18, 'alice', 118, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013963557000010951, '[[1680, 240, 58, 79]]', '{298,483}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903a4f8170803a4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 58, 58);
INSERT INTO public.melodies VALUES ('01a22736-3b06-79cb-94a3-da9c616049a3', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 19, 'alice', 119, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 9, 0.022780283999964013, '[[1680, 60, 68, 79], [1740, 60, 70, 79], [1860, 60, 72, 79]]', '{298,61,217,195,63,217,197,65,217}', '\x4d546864000000060001000101e04d54726b000001b700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3131392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090444f3c80444f0090464f3c80464f3c90484f3c80484f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 68, 72);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a15-922f-a985f3af2622', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 22, 'alice', 122, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013966029999892271, '[[1440, 480, 65, 79]]', '{349,462}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090414f836080414f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 65, 65);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a29-a5e3-3bd957421f62', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 23, 'alice', 123, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013966621000008672, '[[1680, 240, 60, 79]]', '{298,455}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903c4f8170803c4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 60, 60);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a41-a318-7e3c7a888e69', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 24, 'alice', 124, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 3, 0.015596304000041528, '[[1440, 480, 77, 79]]', '{349,70,203}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904d4f8360804d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 77, 77);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a54-bc5b-d4a002e132d2', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 25, 'alice', 125, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 9, 0.022772513000063555, '[[1680, 60, 73, 79], [1740, 60, 75, 79], [1860, 60, 77, 79]]', '{298,66,217,195,68,217,197,70,217}', '\x4d546864000000060001000101e04d54726b000001b700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090494f3c80494f00904b4f3c804b4f3c904d4f3c804d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 73, 77);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a6b-a482-5d956e895206', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 26, 'alice', 126, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013968404999900486, '[[1680, 240, 67, 79]]', '{298,281}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090434f817080434f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 67, 67);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a82-b7cb-75aefa4cc085', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 27, 'alice', 127, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 8, 13, 0.02609098499999618, '[[0, 240, 58, 79], [240, 240, 62, 79], [480, 240, 65, 79], [720, 240, 62, 79], [960, 240, 70, 79], [1200, 240, 62, 79], [1440, 240, 65, 79], [1680, 240, 62, 79]]', '{202,51,209,55,210,454,55,206,374,55,211,420,341}', '\x4d546864000000060001000101e04d54726b000001e600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c00000903a4f8170803a4f00903e4f8170803e4f0090414f817080414f00903e4f8170803e4f0090464f817080464f00903e4f8170803e4f0090414f817080414f00903e4f8170803e4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 58, 70);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7a9a-9845-c52eb5047c14', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 28, 'alice', 128, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.01846515400006865, '[[1680, 120, 67, 79], [1800, 120, 65, 79]]', '{298,60,229,58,200}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090434f7880434f0090414f7880414f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 65, 67);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7aaf-9ddf-fc9af5c2b9d8', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 29, 'alice', 129, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 7, 12, 0.025328947000048174, '[[0, 480, 66, 79], [480, 360, 66, 79], [840, 120, 66, 79], [960, 360, 66, 79], [1320, 120, 66, 79], [1440, 360, 70, 79], [1800, 120, 73, 79]]', '{274,218,59,219,503,59,232,59,215,63,227,390}', '\x4d546864000000060001000101e04d54726b000001da00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3132392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090424f836080424f0090424f826880424f0090424f7880424f0090424f826880424f0090424f7880424f0090464f826880464f0090494f7880494f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 66, 73);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7ac7-9025-856ef0f7dad8', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 30, 'alice', 130, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 7, 0.020729223999978785, '[[1440, 180, 65, 79], [1620, 180, 67, 79], [1740, 180, 69, 79]]', '{349,58,288,60,302,62,208}', '\x4d546864000000060001000101e04d54726b000001b600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090414f813480414f0090434f78454f3c80434f78454f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 65, 69);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7add-891c-444712c584e8', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 31, 'alice', 131, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.01706848000003447, '[[1440, 360, 77, 79], [1800, 120, 75, 79]]', '{349,70,227,403}', '\x4d546864000000060001000101e04d54726b000001b000ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904d4f8268804d4f00904b4f78804b4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 75, 77);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7af2-a3e1-bdb734a97e2b', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 32, 'alice', 132, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 13, 19, 0.029730344999961744, '[[0, 240, 68, 79], [240, 120, 71, 79], [360, 120, 68, 79], [480, 240, 71, 79], [720, 120, 76, 79], [840, 120, 73, 79], [960, 240, 76, 79], [1200, 120, 73, 79], [1320, 120, 75, 79], [1440, 120, 76, 79], [1560, 120, 73, 79], [1680, 120, 71, 79], [1800, 120, 68, 79]]', '{441,64,221,509,296,69,220,366,331,66,228,437,69,234,66,235,64,229,490}', '\x4d546864000000060001000101e04d54726b0000020900ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090444f817080444f0090474f7880474f0090444f7880444f0090474f817080474f00904c4f78804c4f0090494f7880494f00904c4f8170804c4f0090494f7880494f00904b4f78804b4f00904c4f78804c4f0090494f7880494f0090474f7880474f0090444f7880444f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 68, 76);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b0e-ab0f-a7d0071a23a7', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 33, 'alice', 133, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 8, 14, 0.026745992000087426, '[[0, 480, 68, 79], [480, 180, 67, 79], [660, 180, 68, 79], [780, 180, 70, 79], [960, 360, 72, 79], [1320, 120, 73, 79], [1440, 360, 75, 79], [1800, 120, 72, 79]]', '{269,218,60,251,61,261,63,260,65,232,401,68,227,444}', '\x4d546864000000060001000101e04d54726b000001e000ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090444f836080444f0090434f813480434f0090444f78464f3c80444f78464f0090484f826880484f0090494f7880494f00904b4f8268804b4f0090484f7880484f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 67, 75);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b26-936e-3322cd9321c7', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 34, 'alice', 134, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.01846814999998969, '[[1680, 120, 62, 79], [1800, 120, 64, 79]]', '{298,55,229,57,200}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903e4f78803e4f0090404f7880404f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 62, 64);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b39-ba26-309a6e10eb4a', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 35, 'alice', 135, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013973712000051819, '[[1680, 240, 73, 79]]', '{298,259}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090494f817080494f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 73, 73);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b4e-8d8b-cea07dc37643', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 36, 'alice', 136, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 7, 12, 0.02532914800008257, '[[0, 360, 73, 79], [360, 120, 78, 79], [480, 360, 75, 79], [840, 120, 70, 79], [960, 360, 66, 79], [1320, 120, 63, 79], [1440, 480, 61, 79]]', '{237,222,426,68,219,433,59,232,56,215,54,203}', '\x4d546864000000060001000101e04d54726b000001da00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090494f826880494f00904e4f78804e4f00904b4f8268804b4f0090464f7880464f0090424f826880424f00903f4f78803f4f00903d4f8360803d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 61, 78);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b64-9484-83091484661b', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 37, 'alice', 137, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013974953999991158, '[[1680, 240, 63, 79]]', '{298,380}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903f4f8170803f4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 63, 63);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b78-9c93-094fc88d64b4', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 38, 'alice', 138, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013975414000015007, '[[1680, 240, 68, 79]]', '{298,262}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090444f817080444f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 68, 68);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7b8b-9638-a5d841afc381', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 39, 'alice', 139, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 8, 11, 0.024549493999984406, '[[0, 240, 66, 79], [240, 240, 61, 79], [480, 240, 63, 79], [720, 240, 65, 79], [960, 240, 66, 79], [1200, 240, 65, 79], [1440, 240, 63, 79], [1680, 240, 61, 79]]', '{477,54,210,56,207,423,481,450,56,205,379}', '\x4d546864000000060001000101e04d54726b000001e600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3133392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090424f817080424f00903d4f8170803d4f00903f4f8170803f4f0090414f817080414f0090424f817080424f0090414f817080414f00903f4f8170803f4f00903d4f8170803d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 61, 66);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7ba9-b6eb-e83eb4610801', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 40, 'alice', 140, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 4, 8, 0.021744788999967568, '[[0, 480, 72, 79], [480, 480, 76, 79], [960, 480, 77, 79], [1440, 480, 79, 79]]', '{239,218,69,236,70,216,72,203}', '\x4d546864000000060001000101e04d54726b000001c200ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090484f836080484f00904c4f8360804c4f00904d4f8360804d4f00904f4f8360804f4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 72, 79);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7bbf-a320-a6b2e3ae3d0a', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 41, 'alice', 141, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013976886999898852, '[[1680, 240, 75, 79]]', '{298,253}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10904b4f8170804b4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 75, 75);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7bd3-8f31-fe6f5dd4b86f', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 42, 'alice', 142, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.017044304000023658, '[[1680, 120, 79, 79], [1800, 120, 77, 79]]', '{298,72,229,443}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10904f4f78804f4f00904d4f78804d4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 77, 79);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7be5-b0b6-23befeab0763', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 43, 'alice', 143, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 23, 36, 0.03739635500005534, '[[0, 480, 48, 79], [0, 720, 64, 79], [0, 480, 67, 79], [0, 480, 76, 79], [480, 240, 40, 79], [480, 240, 64, 79], [480, 240, 67, 79], [900, 60, 48, 79], [900, 60, 64, 79], [900, 60, 67, 79], [900, 60, 76, 79], [960, 240, 48, 79], [960, 240, 59, 79], [960, 240, 67, 79], [960, 240, 76, 79], [1200, 240, 48, 79], [1200, 240, 57, 79], [1200, 240, 66, 79], [1200, 240, 74, 79], [1680, 240, 48, 79], [1680, 240, 57, 79], [1680, 240, 66, 79], [1680, 240, 76, 79]]', '{202,41,203,57,244,453,69,218,33,199,290,281,181,41,217,57,217,60,217,69,501,41,199,448,281,331,41,199,505,267,275,41,199,505,267,263}', '\x4d546864000000060001000101e04d54726b0000023b00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090304f00404f00434f004c4f836080304f00434f004c4f0090284f00404f00434f817080404f00284f00404f00434f813490304f00404f00434f004c4f3c80304f00404f00434f004c4f0090304f003b4f00434f004c4f817080304f003b4f00434f004c4f0090304f00394f00424f004a4f817080304f00394f00424f004a4f817090304f00394f00424f004c4f817080304f00394f00424f004c4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 40, 76);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c05-bd97-f1b61d5e1ded', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 44, 'alice', 144, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 9, 19, 0.029728772999987996, '[[0, 480, 52, 79], [480, 180, 56, 79], [660, 180, 59, 79], [780, 180, 61, 79], [960, 360, 64, 79], [1320, 120, 59, 79], [1440, 180, 63, 79], [1620, 180, 64, 79], [1740, 180, 66, 79]]', '{202,45,218,49,251,52,261,54,260,57,232,52,215,56,288,57,302,59,208}', '\x4d546864000000060001000101e04d54726b000001e600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090344f836080344f0090384f813480384f00903b4f783d4f3c803b4f783d4f0090404f826880404f00903b4f78803b4f00903f4f8134803f4f0090404f78424f3c80404f78424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 52, 66);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c1c-a43d-c0c7a4a17749', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 45, 'alice', 145, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.018454539000003933, '[[1680, 120, 63, 79], [1800, 120, 64, 79]]', '{298,56,229,57,200}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903f4f78803f4f0090404f7880404f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 63, 64);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c30-8873-84424b9162e6', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 46, 'alice', 146, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.017058105000046453, '[[1680, 120, 69, 79], [1800, 120, 71, 79]]', '{298,62,229,394}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090454f7880454f0090474f7880474f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 69, 71);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c46-8686-a510b83437c7', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 47, 'alice', 147, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 7, 9, 0.022762647999911678, '[[0, 480, 66, 79], [480, 360, 70, 79], [840, 120, 66, 79], [960, 240, 73, 79], [1200, 240, 66, 79], [1440, 240, 75, 79], [1680, 240, 66, 79]]', '{274,218,63,219,503,342,422,273,267}', '\x4d546864000000060001000101e04d54726b000001dc00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090424f836080424f0090464f826880464f0090424f7880424f0090494f817080494f0090424f817080424f00904b4f8170804b4f0090424f817080424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 66, 75);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c5e-bbb4-910beca63cd3', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 48, 'alice', 148, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.018457883999985825, '[[1680, 120, 78, 79], [1800, 120, 80, 79]]', '{298,71,229,73,200}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10904e4f78804e4f0090504f7880504f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 78, 80);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c73-8b61-fe4d5d295c2f', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 49, 'alice', 149, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013981373999968127, '[[1680, 240, 82, 79]]', '{298,414}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3134392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090524f817080524f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 82, 82);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7c91-90f3-d473aa2d05d2', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 50, 'alice', 150, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 5, 0.018465596000055484, '[[1440, 360, 83, 79], [1800, 120, 84, 79]]', '{349,76,227,77,200}', '\x4d546864000000060001000101e04d54726b000001b000ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b2090534f826880534f0090544f7880544f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 83, 84);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7ca5-a850-ef69e6ed05a8', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 51, 'alice', 151, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 7, 8, 0.021728304000021126, '[[0, 480, 70, 79], [480, 240, 74, 79], [720, 240, 77, 79], [960, 240, 82, 79], [1200, 240, 77, 79], [1440, 240, 74, 79], [1680, 240, 70, 79]]', '{246,218,266,287,447,359,275,265}', '\x4d546864000000060001000101e04d54726b000001dd00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090464f836080464f00904a4f8170804a4f00904d4f8170804d4f0090524f817080524f00904d4f8170804d4f00904a4f8170804a4f0090464f817080464f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 70, 82);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7cbc-824c-dae0a6ea855c', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 52, 'alice', 152, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.01706928200007951, '[[1680, 120, 69, 79], [1800, 120, 72, 79]]', '{298,62,229,444}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090454f7880454f0090484f7880484f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 69, 72);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7cd1-a773-a29adf476a8c', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 53, 'alice', 153, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 3, 0.015573039000059907, '[[1800, 120, 72, 79]]', '{201,196,444}', '\x4d546864000000060001000101e04d54726b000001a700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008e0890484f7880484f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 72, 72);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7ce5-9253-17dcd7167688', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 54, 'alice', 154, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.01706022899998061, '[[1680, 120, 68, 79], [1800, 120, 70, 79]]', '{298,61,229,469}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135342c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090444f7880444f0090464f7880464f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 68, 70);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7cf9-8164-7715191e1374', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 55, 'alice', 155, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.013984698999934153, '[[1680, 240, 73, 79]]', '{298,259}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135352c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090494f817080494f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 73, 73);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d0d-ac4f-016d0ce8e114', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 56, 'alice', 156, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 4, 0.0064309260000072754, '[[1680, 120, 72, 79], [1800, 120, 73, 79]]', '{298,65,229,390}', '\x4d546864000000060001000101e04d54726b000001af00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135362c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d1090484f7880484f0090494f7880494f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 72, 73);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d21-9d81-ce650c909ad3', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 57, 'alice', 157, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 6, 8, 0.01024232400004621, '[[0, 720, 67, 79], [720, 240, 68, 79], [960, 240, 67, 79], [1200, 240, 65, 79], [1440, 240, 63, 79], [1680, 240, 60, 79]]', '{264,385,354,445,450,56,205,455}', '\x4d546864000000060001000101e04d54726b000001d400ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135372c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090434f855080434f0090444f817080444f0090434f817080434f0090414f817080414f00903f4f8170803f4f00903c4f8170803c4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 60, 68);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d38-b50e-6468eae1d3e7', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 58, 'alice', 158, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 2, 3, 0.00530700000001616, '[[1440, 240, 76, 79], [1680, 240, 74, 79]]', '{349,311,255}', '\x4d546864000000060001000101e04d54726b000001b100ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135382c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904c4f8170804c4f00904a4f8170804a4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 74, 76);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d4b-b756-c5cd50138027', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 59, 'alice', 159, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 7, 11, 0.012433715000042866, '[[0, 240, 59, 79], [240, 240, 63, 79], [480, 240, 66, 79], [720, 240, 71, 79], [960, 240, 75, 79], [1200, 240, 71, 79], [1440, 480, 66, 79]]', '{202,52,209,56,210,421,291,307,358,59,203}', '\x4d546864000000060001000101e04d54726b000001dd00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3135392c2274656d706f223a3132307d00ff58040402180800ff510307a12000c00000903b4f8170803b4f00903f4f8170803f4f0090424f817080424f0090474f817080474f00904b4f8170804b4f0090474f817080474f0090424f836080424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 59, 75);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d69-b1b7-bb339c3833ec', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 60, 'alice', 160, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 9, 0.011018672000091101, '[[1680, 60, 61, 79], [1740, 60, 63, 79], [1860, 60, 65, 79]]', '{298,54,217,195,56,217,197,58,217}', '\x4d546864000000060001000101e04d54726b000001b700ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3136302c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903d4f3c803d4f00903f4f3c803f4f3c90414f3c80414f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 61, 65);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d84-b92a-0fb2bc5653e9', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 61, 'alice', 161, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 9, 14, 0.014354900999933307, '[[0, 360, 68, 79], [360, 120, 64, 79], [480, 180, 64, 79], [660, 180, 64, 79], [780, 180, 64, 79], [960, 240, 68, 79], [1200, 240, 71, 79], [1440, 240, 69, 79], [1680, 240, 66, 79]]', '{269,222,57,214,57,251,57,261,57,260,409,358,304,267}', '\x4d546864000000060001000101e04d54726b000001ea00ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3136312c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0000090444f826880444f0090404f7880404f0090404f813480404f0090404f78404f3c80404f78404f0090444f817080444f0090474f817080474f0090454f817080454f0090424f817080424f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 64, 71);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7d9c-86c3-6852d7906aad', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 62, 'alice', 162, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 1, 2, 0.004140108000001419, '[[1680, 240, 63, 79]]', '{298,380}', '\x4d546864000000060001000101e04d54726b000001a800ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3136322c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008d10903f4f8170803f4f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 63, 63);
INSERT INTO public.melodies VALUES ('01a22736-3b06-7db0-b0d9-77e3c75a5eb8', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 63, 'alice', 163, 'mini', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', 'int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu', 120, 1, 3, 7, 0.009428991000049791, '[[1440, 180, 77, 79], [1620, 180, 79, 79], [1740, 180, 81, 79]]', '{349,70,288,72,302,74,208}', '\x4d546864000000060001000101e04d54726b000001b600ff0183036f7374696e61746f207b2262617273223a312c2263686f726473223a6e756c6c2c22696e737472756d656e74223a302c226d6f64656c223a226d696e69222c226d6f64656c5f736861323536223a2238316438363830303264613834303439313039373234663834656230666539376462356335303333646565356431613433663833393432656139633635613633222c226e756d6572696373223a22696e7438206e61746976652d6465636f6465722e33206763632d31322e322e3020746f7263682d322e31332e302b637075204156583531322b6176783531325f6266313620637075222c2270697463685f72616e6765223a6e756c6c2c227072696d65725f6964223a6e756c6c2c22726567656e6572617465223a6e756c6c2c2273616d706c696e67223a7b226d696e5f70223a302e30312c2274656d7065726174757265223a312e302c22746f705f6b223a302c22746f705f70223a312e307d2c227363616c65223a6e756c6c2c2273656564223a3136332c2274656d706f223a3132307d00ff58040402180800ff510307a12000c0008b20904d4f8134804d4f00904f4f78514f3c804f4f78514f00ff2f00', '2026-11-29 12:09:55.204336+00', false, 77, 81);


--
-- Data for Name: models; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.models VALUES ('mini', '{"data": {"sets": [{"kept": 2182, "name": "music21", "about": "scores of the music21 package", "found": 4312, "notes": 278713, "train": 1964, "tokens": 422248, "weight": 1.0, "licence": "Scores without a licence notice or with a free one (public domain, CC0), read from the music21 package; the compositions are in the public domain.", "families": 1757, "held_out": 218, "left_out": {"fewer than 32 notes": 2, "its bars do not add up": 312, "not wholly in 4/4, 2/2 or 2/4": 1762, "the same notes under another name": 54}, "pieces_by_folder": {"haydn": 1, "joplin": 1, "mozart": 6, "airdsAirs": 664, "beethoven": 5, "oneills1850": 802, "liliuokalani": 1, "ryansMammoth": 701, "schumann_robert": 1}}], "split": "by family, before anything else: equal pieces count once, pieces that share a tenth of their runs of ten pitch intervals stay on one side, and about one family in ten, chosen by the hash of its content, is held out", "tokens": 422248, "vocabulary": 512, "tokens_per_note": 1.515}, "sha256": "81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63", "licence": "Apache-2.0; see LICENSE.md beside this folder", "version": "mini", "training": {"seed": 7, "ended": "its budget was spent", "steps": 2200, "torch": "2.13.0+cpu", "commit": "0e5f76a26e256a9093668dd16b06e590092a6bab", "recipe": {"seed": 7, "steps": 4000, "network": {"d_ff": 1024, "heads": 4, "layers": 4, "context": 512, "d_model": 256}, "version": "mini", "patience": 8, "vocabulary": 512, "description": "A LLaMA-style decoder of four layers that writes fiddle tunes and the odd quartet bar, learnt from the music21 corpus in under an hour on two cores.", "ingredients": [{"name": "music21", "weight": 1.0}], "optimization": {"clip": 1.0, "batch": 8, "floor": 0.02, "warmup": 0.02, "weight_decay": 0.1, "learning_rate": 0.003}, "evaluate_every": 200, "transpositions": [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]}, "tokens": 9011200, "seconds": 3471.6, "weights": "the best of 12 examinations by the held-out pieces; being chosen by them, they look a trace better on them than they are", "learning_curve": [{"step": 200, "tokens": 819200, "seconds": 269.1, "train_nats_per_token": 3.1823006474971773, "held_out_nats_per_note": 3.335331447811511}, {"step": 400, "tokens": 1638400, "seconds": 516.3, "train_nats_per_token": 1.7586172276735306, "held_out_nats_per_note": 2.6837068352925937}, {"step": 600, "tokens": 2457600, "seconds": 844.0, "train_nats_per_token": 1.396353130340576, "held_out_nats_per_note": 2.2431667328143274}, {"step": 800, "tokens": 3276800, "seconds": 1592.6, "train_nats_per_token": 1.2113781470060347, "held_out_nats_per_note": 2.0762170142285097}, {"step": 1000, "tokens": 4096000, "seconds": 1925.4, "train_nats_per_token": 1.0916117799282075, "held_out_nats_per_note": 2.025883444944635}, {"step": 1200, "tokens": 4915200, "seconds": 2371.2, "train_nats_per_token": 1.0093373945355415, "held_out_nats_per_note": 1.97497792456184}, {"step": 1400, "tokens": 5734400, "seconds": 2674.0, "train_nats_per_token": 0.9402042111754417, "held_out_nats_per_note": 1.9278066414311326}, {"step": 1600, "tokens": 6553600, "seconds": 2902.4, "train_nats_per_token": 0.8884294855594635, "held_out_nats_per_note": 1.9409899538744346}, {"step": 1800, "tokens": 7372800, "seconds": 3090.3, "train_nats_per_token": 0.8660877630114555, "held_out_nats_per_note": 1.9295746204391704}, {"step": 2000, "tokens": 8192000, "seconds": 3264.0, "train_nats_per_token": 0.8500435236096382, "held_out_nats_per_note": 1.917181695845085}, {"step": 2200, "tokens": 9011200, "seconds": 3471.6, "train_nats_per_token": 0.8357182011008263, "held_out_nats_per_note": 1.9165450819930931}, {"step": 2315, "tokens": 9482240, "seconds": 3600.0, "train_nats_per_token": 0.8206419022186943, "held_out_nats_per_note": 1.9185632266277968}]}, "evaluation": {"held_out": {"notes": 29074, "pieces": 218, "tokens": 44590}, "nats_per_note": 1.9169, "nats_per_token": 1.2499, "bits_per_second": 13.1815}, "description": "A LLaMA-style decoder of four layers that writes fiddle tunes and the odd quartet bar, learnt from the music21 corpus in under an hour on two cores.", "capabilities": {"scale": true, "chords": true, "infill": false, "primer": true, "max_bars": 64, "steering": false, "velocity": false}}', '2026-11-29 12:07:16.780375+00', '81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63', '2026-11-29 12:07:16.780375+00');
INSERT INTO public.models VALUES ('tunes-1', '{"data": {"sets": [{"kept": 4, "name": "tunes", "test": 0, "about": "handed in as data set 01a22734-be95-7508-b7d7-a7a4544a6b37", "found": 4, "hours": 0.14, "notes": 5565, "train": 3, "tokens": 10682, "weight": 1.0, "licence": "known to the one who handed it in", "families": 4, "held_out": 1, "left_out": {}}], "split": "before anything else: music that stands twice counts once; pieces that share a tenth of their runs of ten pitch intervals stay on one side; about one such family in ten, chosen by the hash of its content, is held out. A set that publishes a split keeps it", "tokens": 10682, "vocabulary": 512, "tokens_per_note": 1.919}, "sha256": "44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a", "licence": "whatever the licences of its data sets allow to the one who had it trained", "version": "tunes-1", "training": {"job": "01a22734-fa4e-7bd1-92ce-fdde7cc05f07", "base": null, "seed": 7, "ended": "its budget was spent", "steps": 40, "torch": "2.13.0+cpu", "commit": "b3dbf11730ccf269d9150fa1bda0027e909e4521", "recipe": {"seed": 7, "steps": 4000, "tokens": "REMI and byte pairs", "network": {"d_ff": 1024, "heads": 4, "layers": 4, "d_model": 256}, "version": "tunes-1", "examples": {"infill": 0.0, "context": 512, "stretch": 0.0, "controls": 0.0, "velocity": 0, "transpositions": [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]}, "patience": 8, "vocabulary": 512, "begins_from": null, "description": "What the recipe mini makes of tunes.", "ingredients": [{"name": "tunes", "weight": 1.0}], "optimization": {"clip": 1.0, "batch": 4, "decay": 0.4, "warmup": 0.02, "matrices": "muon", "weight_decay": 0.1, "learning_rate": 0.003}, "evaluate_every": 200}, "tokens": 81920, "minutes": 0.2, "request": {"recipe": "mini", "dataset": "01a22734-be95-7508-b7d7-a7a4544a6b37", "version": "tunes-1", "overrides": {"batch": 4, "minutes": 0.2}}, "seconds": 12.1, "weights": "the best of 1 examinations by the beginnings of held-out pieces; being chosen by them, they look a trace better on them than they are", "parameters": 4327680, "learning_curve": [{"step": 40, "tokens": 81920, "seconds": 12.1, "train_nats_per_token": 3.660985830426216, "held_out_nats_per_note": 7.067497702205882}]}, "evaluation": {"by_set": {"tunes": {"held_out": {"notes": 1530, "pieces": 1, "tokens": 3409}, "nats_per_note": 7.1086, "nats_per_token": 3.1904, "bits_per_second": 110.1295}}, "samples": {"bars": 8, "failed": 0, "job_id": "01a22735-453e-74e0-b132-b1afe1672a90", "pieces": 2, "silent": 0, "traits": {"polyphony": {"distance": 0.8416, "samples_std": 0.2657, "held_out_std": 0.9742, "samples_mean": 2.901, "held_out_mean": 3.4818}, "notes_per_bar": {"distance": 1.539, "samples_std": 1.375, "held_out_std": 9.3044, "samples_mean": 5.0, "held_out_mean": 19.475}, "repetition_share": {"distance": 0.7394, "samples_std": 0.0, "held_out_std": 0.1621, "samples_mean": 0.0, "held_out_mean": 0.1303}, "scale_consistency": {"distance": null, "samples_std": 0.0267, "held_out_std": 0.0, "samples_mean": 0.8698, "held_out_mean": 1.0}, "groove_consistency": {"distance": 0.7297, "samples_std": 0.0312, "held_out_std": 0.0502, "samples_mean": 0.9062, "held_out_mean": 0.9321}, "pitch_class_entropy_bits": {"distance": 8.1828, "samples_std": 0.0412, "held_out_std": 0.0373, "samples_mean": 3.038, "held_out_mean": 2.7289}}, "request": {"bars": 8, "seed": 3, "count": 2, "model": "tunes-1", "scale": null, "tempo": 120, "chords": null, "priority": "interactive", "sampling": {"min_p": 0.01, "top_k": 0, "top_p": 1.0, "temperature": 1.0}, "primer_id": null, "instrument": 0, "regenerate": null, "pitch_range": null, "deadline_seconds": null}, "excerpts": 10, "model_sha256": "44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a", "training_sets": ["tunes"], "longest_copied_notes": {"samples": {"max": 5, "p95": 4.95, "median": 4.5}, "held_out": {"max": 23, "p95": 20.299999999999994, "median": 7.0}}}, "held_out": {"notes": 1530, "pieces": 1, "tokens": 3409}, "nats_per_note": 7.1086, "nats_per_token": 3.1904, "bits_per_second": 110.1295}, "description": "What the recipe mini makes of tunes.", "capabilities": {"scale": true, "chords": true, "infill": false, "primer": true, "max_bars": 64, "steering": false, "velocity": true}}', '2026-11-29 12:08:51.464677+00', '44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a', '2026-11-29 12:08:52.281102+00');


--
-- Data for Name: outbox; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (75, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7718-b42c-ed309a015e4a", "lowest": 82, "melody": 0, "highest": 82, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (76, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-77f8-a73a-1dacd00d84d7", "lowest": 67, "melody": 1, "highest": 67, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (77, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-781a-9409-8c65ade4fb2b", "lowest": 62, "melody": 2, "highest": 63, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (78, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7834-b849-9f4d368b4a17", "lowest": 62, "melody": 3, "highest": 62, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (79, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-784b-bfb3-68f70d28b2bf", "lowest": 78, "melody": 4, "highest": 79, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (80, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7861-a16e-bff6bd265f46", "lowest": 70, "melody": 5, "highest": 72, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (81, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7877-beb1-aef5cc9025a2", "lowest": 64, "melody": 6, "highest": 71, "streamed": false, "num_notes": 8}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (82, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7891-817d-c22e1cdee938", "lowest": 65, "melody": 7, "highest": 65, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (83, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-78a7-b81a-c8685078253c", "lowest": 72, "melody": 8, "highest": 74, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (84, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-78be-9848-990fca81da5a", "lowest": 66, "melody": 9, "highest": 68, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (85, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-78e6-83e6-7c214ad1e3f6", "lowest": 66, "melody": 10, "highest": 67, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (86, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-78fc-88bb-20921cfc5b99", "lowest": 54, "melody": 11, "highest": 62, "streamed": false, "num_notes": 20}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (87, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7922-8f17-d832a01c4eab", "lowest": 72, "melody": 12, "highest": 79, "streamed": false, "num_notes": 8}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (88, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-793f-8d0b-fefa4df30428", "lowest": 68, "melody": 13, "highest": 80, "streamed": false, "num_notes": 9}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (89, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-795a-b985-704f6e08477b", "lowest": 73, "melody": 14, "highest": 77, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (90, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7971-8e59-0ea255d85403", "lowest": 71, "melody": 15, "highest": 75, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (91, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7987-9d0f-6259f372a992", "lowest": 62, "melody": 16, "highest": 66, "streamed": false, "num_notes": 10}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (92, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-79a3-8e47-80bc45708eb1", "lowest": 71, "melody": 17, "highest": 71, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (93, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-79b7-88bb-89c3de06a777", "lowest": 58, "melody": 18, "highest": 58, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (94, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-79cb-94a3-da9c616049a3", "lowest": 68, "melody": 19, "highest": 72, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (140, '01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'job', '{"state": "queued"}', '2026-11-29 12:09:57.227312+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (141, '01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-42ed-7295-b332-fc8c30310194", "traceparent": null}, "queue": "generate.batch"}', '2026-11-29 12:09:57.227312+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (142, '01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-42ed-72bb-8b9b-0228aface687", "traceparent": null}, "queue": "generate.batch"}', '2026-11-29 12:09:57.227312+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (143, '01a22736-42f2-71e5-bd07-a2b83fd0cf40', 'job', '{"state": "queued"}', '2026-11-29 12:09:57.234429+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (144, '01a22736-42f2-71e5-bd07-a2b83fd0cf40', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-42f3-7aab-992a-19dd8ac275e7", "traceparent": null}, "queue": "generate.interactive"}', '2026-11-29 12:09:57.234429+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (145, '01a22736-42f7-7767-b8aa-480fe4c826b9', 'job', '{"state": "queued"}', '2026-11-29 12:09:57.23975+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (146, '01a22736-42f7-7767-b8aa-480fe4c826b9', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-42f9-7304-96a6-0e0c86e9d697", "traceparent": null}, "queue": "generate.interactive"}', '2026-11-29 12:09:57.23975+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (147, '01a22736-42ff-7ada-8791-60c1d2ac9546', 'job', '{"state": "queued"}', '2026-11-29 12:09:57.248116+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (148, '01a22736-42ff-7ada-8791-60c1d2ac9546', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-4300-74c9-9d81-0604cf42faca", "traceparent": null}, "queue": "engrave"}', '2026-11-29 12:09:57.248116+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (149, '01a22736-4304-7896-a878-482a3adffe8a', 'job', '{"state": "queued"}', '2026-11-29 12:09:57.25377+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (150, '01a22736-4304-7896-a878-482a3adffe8a', 'hint', '{"hint": {"attempt": 0, "shard_id": "01a22736-4306-7a6d-8417-34bd2741ff19", "traceparent": null}, "queue": "data"}', '2026-11-29 12:09:57.25377+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (95, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-79ea-ae4b-578f488ec1f6", "lowest": 70, "melody": 20, "highest": 74, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (96, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a00-9e9a-bc43f3d51c2d", "lowest": 60, "melody": 21, "highest": 60, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (97, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a15-922f-a985f3af2622", "lowest": 65, "melody": 22, "highest": 65, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (98, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a29-a5e3-3bd957421f62", "lowest": 60, "melody": 23, "highest": 60, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (99, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a41-a318-7e3c7a888e69", "lowest": 77, "melody": 24, "highest": 77, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (100, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a54-bc5b-d4a002e132d2", "lowest": 73, "melody": 25, "highest": 77, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (101, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a6b-a482-5d956e895206", "lowest": 67, "melody": 26, "highest": 67, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (102, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a82-b7cb-75aefa4cc085", "lowest": 58, "melody": 27, "highest": 70, "streamed": false, "num_notes": 8}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (103, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7a9a-9845-c52eb5047c14", "lowest": 65, "melody": 28, "highest": 67, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (104, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7aaf-9ddf-fc9af5c2b9d8", "lowest": 66, "melody": 29, "highest": 73, "streamed": false, "num_notes": 7}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (105, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7ac7-9025-856ef0f7dad8", "lowest": 65, "melody": 30, "highest": 69, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (106, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7add-891c-444712c584e8", "lowest": 75, "melody": 31, "highest": 77, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (107, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7af2-a3e1-bdb734a97e2b", "lowest": 68, "melody": 32, "highest": 76, "streamed": false, "num_notes": 13}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (108, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b0e-ab0f-a7d0071a23a7", "lowest": 67, "melody": 33, "highest": 75, "streamed": false, "num_notes": 8}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (109, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b26-936e-3322cd9321c7", "lowest": 62, "melody": 34, "highest": 64, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (110, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b39-ba26-309a6e10eb4a", "lowest": 73, "melody": 35, "highest": 73, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (111, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b4e-8d8b-cea07dc37643", "lowest": 61, "melody": 36, "highest": 78, "streamed": false, "num_notes": 7}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (112, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b64-9484-83091484661b", "lowest": 63, "melody": 37, "highest": 63, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (113, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b78-9c93-094fc88d64b4", "lowest": 68, "melody": 38, "highest": 68, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (114, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7b8b-9638-a5d841afc381", "lowest": 61, "melody": 39, "highest": 66, "streamed": false, "num_notes": 8}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (115, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7ba9-b6eb-e83eb4610801", "lowest": 72, "melody": 40, "highest": 79, "streamed": false, "num_notes": 4}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (116, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7bbf-a320-a6b2e3ae3d0a", "lowest": 75, "melody": 41, "highest": 75, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (117, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7bd3-8f31-fe6f5dd4b86f", "lowest": 77, "melody": 42, "highest": 79, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (118, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7be5-b0b6-23befeab0763", "lowest": 40, "melody": 43, "highest": 76, "streamed": false, "num_notes": 23}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (119, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c05-bd97-f1b61d5e1ded", "lowest": 52, "melody": 44, "highest": 66, "streamed": false, "num_notes": 9}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (120, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c1c-a43d-c0c7a4a17749", "lowest": 63, "melody": 45, "highest": 64, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (121, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c30-8873-84424b9162e6", "lowest": 69, "melody": 46, "highest": 71, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (122, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c46-8686-a510b83437c7", "lowest": 66, "melody": 47, "highest": 75, "streamed": false, "num_notes": 7}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (123, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c5e-bbb4-910beca63cd3", "lowest": 78, "melody": 48, "highest": 80, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (124, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c73-8b61-fe4d5d295c2f", "lowest": 82, "melody": 49, "highest": 82, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (125, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7c91-90f3-d473aa2d05d2", "lowest": 83, "melody": 50, "highest": 84, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (126, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7ca5-a850-ef69e6ed05a8", "lowest": 70, "melody": 51, "highest": 82, "streamed": false, "num_notes": 7}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (127, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7cbc-824c-dae0a6ea855c", "lowest": 69, "melody": 52, "highest": 72, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (128, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7cd1-a773-a29adf476a8c", "lowest": 72, "melody": 53, "highest": 72, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (129, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7ce5-9253-17dcd7167688", "lowest": 68, "melody": 54, "highest": 70, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (130, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7cf9-8164-7715191e1374", "lowest": 73, "melody": 55, "highest": 73, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (131, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d0d-ac4f-016d0ce8e114", "lowest": 72, "melody": 56, "highest": 73, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (132, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d21-9d81-ce650c909ad3", "lowest": 60, "melody": 57, "highest": 68, "streamed": false, "num_notes": 6}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (133, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d38-b50e-6468eae1d3e7", "lowest": 74, "melody": 58, "highest": 76, "streamed": false, "num_notes": 2}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (134, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d4b-b756-c5cd50138027", "lowest": 59, "melody": 59, "highest": 75, "streamed": false, "num_notes": 7}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (135, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d69-b1b7-bb339c3833ec", "lowest": 61, "melody": 60, "highest": 65, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (136, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d84-b92a-0fb2bc5653e9", "lowest": 64, "melody": 61, "highest": 71, "streamed": false, "num_notes": 9}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (137, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7d9c-86c3-6852d7906aad", "lowest": 63, "melody": 62, "highest": 63, "streamed": false, "num_notes": 1}', '2026-11-29 12:09:55.204336+00');
INSERT INTO public.outbox OVERRIDING SYSTEM VALUE VALUES (138, '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'melody', '{"id": "01a22736-3b06-7db0-b0d9-77e3c75a5eb8", "lowest": 77, "melody": 63, "highest": 81, "streamed": false, "num_notes": 3}', '2026-11-29 12:09:55.204336+00');


--
-- Data for Name: points; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.points VALUES ('01a22734-fa4e-7bd1-92ce-fdde7cc05f07', 40, 81920, 12.1, 3.660985830426216, 7.067497702205882, '[[0, 420, 32, 95], [0, 1860, 56, 55], [840, 420, 37, 95], [1800, 420, 33, 95], [1800, 1860, 61, 55], [1800, 1860, 64, 55], [1800, 240, 67, 71], [1800, 1860, 69, 55], [1800, 180, 73, 63], [1800, 420, 85, 71], [1800, 180, 86, 63], [1920, 420, 37, 95], [1920, 1860, 61, 55], [1920, 1860, 64, 55], [1920, 1860, 68, 55], [1920, 180, 72, 71], [3120, 420, 29, 95], [3120, 1860, 60, 55], [3120, 240, 68, 103], [3120, 180, 80, 63], [3360, 420, 76, 71], [3600, 420, 79, 71], [3600, 1800, 103, 47], [3840, 420, 32, 95], [3840, 1860, 64, 55], [3840, 1860, 68, 55], [3840, 180, 73, 63], [5640, 120, 41, 95], [5760, 120, 39, 95]]');
INSERT INTO public.points VALUES ('01a22735-5521-7902-b04e-cbbc2541f0c7', 5, 5120, 1.4, 5.867942142486572, 11.474829164002557, '[[0, 180, 76, 71], [1200, 420, 39, 95], [1200, 120, 66, 79], [1200, 120, 69, 79], [1200, 120, 73, 79], [1200, 180, 78, 63], [1200, 240, 92, 63], [1200, 420, 93, 95], [1920, 1860, 61, 55], [1920, 180, 77, 63], [3360, 1860, 80, 55], [3840, 1860, 69, 55], [3840, 1860, 73, 55], [3840, 420, 85, 71], [5520, 420, 63, 95], [5520, 120, 64, 79], [5520, 120, 69, 79], [5520, 120, 73, 79], [5640, 120, 66, 79], [5640, 120, 69, 79], [5640, 720, 73, 55], [5640, 360, 78, 103], [5760, 420, 38, 95], [5760, 360, 66, 71], [5760, 360, 78, 103], [5760, 180, 84, 71], [6960, 180, 80, 63], [7200, 240, 69, 71], [7200, 180, 83, 63], [7560, 120, 42, 95], [7560, 120, 44, 103], [7560, 120, 59, 95], [7560, 120, 85, 63], [7560, 120, 87, 63]]');
INSERT INTO public.points VALUES ('01a22736-149b-7fc9-9d96-94931ccbb8e0', 3, 3072, 0.7, 6.1497111320495605, 12.97933733615729, '[[1920, 240, 63, 71], [2880, 180, 77, 71], [3120, 420, 37, 95], [3120, 180, 78, 63], [3120, 660, 92, 63], [3120, 420, 93, 95], [3840, 1860, 61, 55], [3840, 120, 69, 79], [5280, 1860, 56, 55], [5760, 1860, 69, 55], [5760, 1860, 73, 55], [5760, 420, 85, 71], [7440, 240, 63, 95], [7440, 120, 64, 79], [7440, 120, 69, 79], [7440, 120, 73, 79], [7560, 120, 66, 79], [7560, 120, 69, 79], [7560, 120, 70, 79], [7560, 120, 78, 103]]');


--
-- Data for Name: primers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.primers VALUES ('01a22734-adea-7418-893d-8a284713b21d', 'alice', 'aba8b6b286e8d21fd3c1415df174ff531128650b19f0841c1a59d77f08e3f34f', '[[1440, 180, 75, 79], [1620, 180, 77, 79], [1740, 180, 79, 79], [1920, 360, 80, 79], [2280, 120, 75, 79], [2400, 360, 72, 79], [2760, 120, 75, 79], [2880, 360, 73, 79], [3240, 120, 72, 79], [3360, 360, 70, 79], [3720, 120, 68, 79], [3840, 360, 67, 79], [4200, 120, 68, 79], [4320, 360, 70, 79], [4680, 120, 72, 79], [4800, 480, 73, 79], [5280, 180, 75, 79], [5460, 180, 77, 79], [5580, 180, 79, 79], [5760, 360, 80, 79], [6120, 120, 75, 79], [6240, 360, 72, 79], [6600, 120, 75, 79], [6720, 360, 73, 79], [7080, 120, 75, 79], [7200, 360, 77, 79], [7560, 120, 79, 79], [7680, 360, 80, 79], [8040, 120, 75, 79], [8160, 360, 72, 79], [8520, 120, 75, 79], [8640, 480, 73, 79], [9120, 180, 75, 79], [9300, 180, 77, 79], [9420, 180, 79, 79], [9600, 360, 80, 79], [9960, 120, 75, 79], [10080, 360, 72, 79], [10440, 120, 75, 79], [10560, 360, 73, 79], [10920, 120, 72, 79], [11040, 360, 70, 79], [11400, 120, 68, 79], [11520, 360, 67, 79], [11880, 120, 68, 79], [12000, 360, 70, 79], [12360, 120, 72, 79], [12480, 480, 73, 79], [12960, 180, 75, 79], [13140, 180, 77, 79], [13260, 180, 79, 79], [13440, 360, 80, 79], [13800, 120, 75, 79], [13920, 360, 72, 79], [14280, 120, 75, 79], [14400, 480, 73, 79], [14880, 360, 77, 79], [15240, 120, 79, 79]]', 8, '2026-11-29 12:08:13.547592+00');
INSERT INTO public.primers VALUES ('01a22734-b283-7795-affd-36357f5aa925', 'alice', '8d8373b81d33ad11262e684aa5b83093238aa72e714a68faa3c7701dc7e34cd6', '[[0, 480, 5, 64]]', 1, '2026-11-29 12:08:14.72416+00');


--
-- Data for Name: shards; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.shards VALUES ('01a22734-a930-7a70-9823-9829d1a048bd', '01a22734-a92a-79e6-9535-930fb105af2d', 'generate.interactive', 0, 2, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-ab64-7e06-811b-055fb721a8c6', '01a22734-ab62-7b2b-b088-2b9e480a8ce4', 'generate.interactive', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-adf5-788c-a8fa-adaf5181d246', '01a22734-adf1-7f90-8dd7-74e6b81c4a7e', 'generate.interactive', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-b000-76b1-b6bc-d3aa9552818a', '01a22734-affd-7429-9611-81ecfa898658', 'generate.interactive', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-b28d-7f6a-90bc-600bca6aa484', '01a22734-b28a-7afb-9414-c06ddb436f86', 'generate.interactive', 0, 1, 'failed', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-b497-77c0-8924-cbe786122b5b', '01a22734-b494-7ca2-81e8-426c79593d4d', 'generate.batch', 64, 1, 'cancelled', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-b497-7781-9aab-0c822899da89', '01a22734-b494-7ca2-81e8-426c79593d4d', 'generate.batch', 0, 64, 'cancelled', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-b7e0-77e3-88fa-71faa02155ef', '01a22734-b7df-79c9-9f45-03f68f04e101', 'engrave', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-be99-7c01-b293-1d240be041e7', '01a22734-be95-7508-b7d7-a7a4544a6b37', 'data', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22734-fa52-75b1-a0b6-1ca537302a61', '01a22734-fa4e-7bd1-92ce-fdde7cc05f07', 'train', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22735-4540-72a3-8858-698ffb06ea84', '01a22735-453e-74e0-b132-b1afe1672a90', 'generate.interactive', 0, 2, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22735-4b39-779f-8c8a-ee64fbcc7071', '01a22735-4b36-7934-88d4-06e994a6c645', 'evaluate', 0, 1, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22735-5524-7079-99f1-1763959d1397', '01a22735-5521-7902-b04e-cbbc2541f0c7', 'train', 0, 1, 'queued', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-149f-7446-ad5c-1bd86848cba3', '01a22736-149b-7fc9-9d96-94931ccbb8e0', 'train', 0, 1, 'running', 1, 0, '01a22733-d2fb-758b-9372-608bdd81dce1', '2026-11-29 12:10:17.567646+00');
INSERT INTO public.shards VALUES ('01a22736-3aaa-7830-90ee-f2c347942e26', '01a22736-3aa8-72bc-a2f9-deb95d421d85', 'generate.interactive', 0, 2, 'running', 1, 0, '01a22733-d46a-74e2-a6bd-86fc5a6aac46', '2026-11-29 12:10:25.122814+00');
INSERT INTO public.shards VALUES ('01a22736-3abd-7e78-9cd0-0a14987ffc3a', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'generate.batch', 64, 6, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-3ab3-7085-bc1d-1e47aae8ddb4', '01a22736-3ab1-7137-84fc-dc0fa5849c6f', 'generate.interactive', 0, 2, 'running', 1, 0, '01a22733-d46a-74e2-a6bd-86fc5a6aac46', '2026-11-29 12:10:25.13809+00');
INSERT INTO public.shards VALUES ('01a22736-3abd-7e52-9383-1fe31b78b3d6', '01a22736-3aba-7508-ae1a-b7e4b2d99ab8', 'generate.batch', 0, 64, 'succeeded', 1, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-42ed-7295-b332-fc8c30310194', '01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'generate.batch', 0, 64, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-42ed-72bb-8b9b-0228aface687', '01a22736-42ea-7d8f-a3d1-574fa3f28f73', 'generate.batch', 64, 2, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-42f3-7aab-992a-19dd8ac275e7', '01a22736-42f2-71e5-bd07-a2b83fd0cf40', 'generate.interactive', 0, 1, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-42f9-7304-96a6-0e0c86e9d697', '01a22736-42f7-7767-b8aa-480fe4c826b9', 'generate.interactive', 0, 1, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-4300-74c9-9d81-0604cf42faca', '01a22736-42ff-7ada-8791-60c1d2ac9546', 'engrave', 0, 1, 'queued', 0, 0, NULL, NULL);
INSERT INTO public.shards VALUES ('01a22736-4306-7a6d-8417-34bd2741ff19', '01a22736-4304-7896-a878-482a3adffe8a', 'data', 0, 1, 'queued', 0, 0, NULL, NULL);


--
-- Data for Name: tickets; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tickets VALUES ('\x2c4be5eeca498c34fe15ae00aee1c95ac81b9aeb46a7224702b898f7b75c3aeb', 'alice', '01a22734-a92a-79e6-9535-930fb105af2d', '2026-11-29 12:10:57.27284+00');


--
-- Data for Name: workers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.workers VALUES ('01a22733-d46a-74e2-a6bd-86fc5a6aac46', '3825@vm', '{"steps": 589, "tokens": 5973, "running": 0, "waiting": 0, "finished": 71, "jobs_peak": 1, "rows_peak": 56}', '2026-11-29 12:07:17.920284+00', '2026-11-29 12:09:53.07519+00', '{"mini": "81d868002da84049109724f84eb0fe97db5c5033dee5d1a43f83942ea9c65a63", "tunes-1": "44c4985e03b51c304f95d010851db5205f8a0dc4b6b84cda2ed288d885fe9e5a"}', '{}', '{"mini": "int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu", "tunes-1": "int8 native-decoder.3 gcc-12.2.0 torch-2.13.0+cpu AVX512+avx512_bf16 cpu"}');


--
-- Name: outbox_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.outbox_id_seq', 150, true);


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);


--
-- Name: api_keys api_keys_sha256_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_sha256_key UNIQUE (sha256);


--
-- Name: datasets datasets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT datasets_pkey PRIMARY KEY (id);


--
-- Name: engravings engravings_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engravings
    ADD CONSTRAINT engravings_pkey PRIMARY KEY (job_id);


--
-- Name: evaluations evaluations_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_pkey PRIMARY KEY (job_id);


--
-- Name: jobs jobs_owner_idempotency_key_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_owner_idempotency_key_key UNIQUE (owner, idempotency_key);


--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);


--
-- Name: melodies melodies_job_id_index_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.melodies
    ADD CONSTRAINT melodies_job_id_index_key UNIQUE (job_id, index);


--
-- Name: melodies melodies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.melodies
    ADD CONSTRAINT melodies_pkey PRIMARY KEY (id);


--
-- Name: models models_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.models
    ADD CONSTRAINT models_pkey PRIMARY KEY (version, sha256);


--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);


--
-- Name: points points_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.points
    ADD CONSTRAINT points_pkey PRIMARY KEY (job_id, step);


--
-- Name: primers primers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.primers
    ADD CONSTRAINT primers_pkey PRIMARY KEY (id);


--
-- Name: shards shards_job_id_first_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shards
    ADD CONSTRAINT shards_job_id_first_key UNIQUE (job_id, first);


--
-- Name: shards shards_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shards
    ADD CONSTRAINT shards_pkey PRIMARY KEY (id);


--
-- Name: tickets tickets_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (sha256);


--
-- Name: workers workers_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.workers
    ADD CONSTRAINT workers_pkey PRIMARY KEY (id);


--
-- Name: datasets_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX datasets_by_owner ON public.datasets USING btree (owner, id);


--
-- Name: jobs_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX jobs_by_owner ON public.jobs USING btree (owner, id);


--
-- Name: jobs_version; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX jobs_version ON public.jobs USING btree (version) WHERE (state <> ALL (ARRAY['failed'::text, 'cancelled'::text]));


--
-- Name: melodies_by_owner; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX melodies_by_owner ON public.melodies USING btree (owner, id);


--
-- Name: melodies_favourites; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX melodies_favourites ON public.melodies USING btree (owner, id) WHERE favourite;


--
-- Name: models_promoted; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX models_promoted ON public.models USING btree (version) WHERE (promoted_at IS NOT NULL);


--
-- Name: outbox_by_job; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX outbox_by_job ON public.outbox USING btree (job_id, id);


--
-- Name: shards_leased; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX shards_leased ON public.shards USING btree (worker_id) WHERE (state = 'running'::text);


--
-- Name: shards_waiting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX shards_waiting ON public.shards USING btree (queue, job_id, first) WHERE (state = 'queued'::text);


--
-- Name: jobs jobs_move_legally; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER jobs_move_legally BEFORE UPDATE OF state ON public.jobs FOR EACH ROW WHEN ((old.state IS DISTINCT FROM new.state)) EXECUTE FUNCTION public.jobs_move_legally();


--
-- Name: engravings engravings_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.engravings
    ADD CONSTRAINT engravings_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;


--
-- Name: evaluations evaluations_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.evaluations
    ADD CONSTRAINT evaluations_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;


--
-- Name: melodies melodies_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.melodies
    ADD CONSTRAINT melodies_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;


--
-- Name: points points_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.points
    ADD CONSTRAINT points_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;


--
-- Name: shards shards_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.shards
    ADD CONSTRAINT shards_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


