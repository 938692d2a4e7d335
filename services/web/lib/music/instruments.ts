// The 128 programs of General MIDI, in families of eight (General MIDI 1 specification).
export const INSTRUMENT_FAMILIES: readonly (readonly [string, readonly string[]])[] = [
  ["Piano", ["Grand piano", "Bright piano", "Electric grand", "Honky-tonk piano", "Electric piano 1", "Electric piano 2", "Harpsichord", "Clavinet"]],
  ["Chromatic percussion", ["Celesta", "Glockenspiel", "Music box", "Vibraphone", "Marimba", "Xylophone", "Tubular bells", "Dulcimer"]],
  ["Organ", ["Drawbar organ", "Percussive organ", "Rock organ", "Church organ", "Reed organ", "Accordion", "Harmonica", "Bandoneon"]],
  ["Guitar", ["Nylon guitar", "Steel guitar", "Jazz guitar", "Clean guitar", "Muted guitar", "Overdriven guitar", "Distorted guitar", "Guitar harmonics"]],
  ["Bass", ["Acoustic bass", "Fingered bass", "Picked bass", "Fretless bass", "Slap bass 1", "Slap bass 2", "Synth bass 1", "Synth bass 2"]],
  ["Strings", ["Violin", "Viola", "Cello", "Contrabass", "Tremolo strings", "Pizzicato strings", "Harp", "Timpani"]],
  ["Ensemble", ["String ensemble 1", "String ensemble 2", "Synth strings 1", "Synth strings 2", "Choir aahs", "Voice oohs", "Synth voice", "Orchestra hit"]],
  ["Brass", ["Trumpet", "Trombone", "Tuba", "Muted trumpet", "French horn", "Brass section", "Synth brass 1", "Synth brass 2"]],
  ["Reed", ["Soprano sax", "Alto sax", "Tenor sax", "Baritone sax", "Oboe", "English horn", "Bassoon", "Clarinet"]],
  ["Pipe", ["Piccolo", "Flute", "Recorder", "Pan flute", "Blown bottle", "Shakuhachi", "Whistle", "Ocarina"]],
  ["Synth lead", ["Square lead", "Saw lead", "Calliope", "Chiff lead", "Charang", "Voice lead", "Fifths lead", "Bass and lead"]],
  ["Synth pad", ["New age pad", "Warm pad", "Polysynth", "Choir pad", "Bowed pad", "Metallic pad", "Halo pad", "Sweep pad"]],
  ["Synth effects", ["Rain", "Soundtrack", "Crystal", "Atmosphere", "Brightness", "Goblins", "Echoes", "Sci-fi"]],
  ["Ethnic", ["Sitar", "Banjo", "Shamisen", "Koto", "Kalimba", "Bagpipe", "Fiddle", "Shanai"]],
  ["Percussive", ["Tinkle bell", "Agogo", "Steel drums", "Woodblock", "Taiko", "Melodic tom", "Synth drum", "Reverse cymbal"]],
  ["Sound effects", ["Fret noise", "Breath noise", "Seashore", "Bird tweet", "Telephone", "Helicopter", "Applause", "Gunshot"]],
];

export const INSTRUMENTS: readonly string[] = INSTRUMENT_FAMILIES.flatMap(([, names]) => names);
