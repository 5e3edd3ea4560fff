import { test } from "node:test";
import { testJournal } from "../conformance/test-journal.ts";
import { memoryMedium } from "../testing/memory-journal.ts";

testJournal("createSegmentedJournal", { test, createMedium: memoryMedium });
