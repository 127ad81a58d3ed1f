import { parentPort, workerData } from "node:worker_threads";
import { serve } from "./engine.ts";

serve(parentPort!, workerData as string);
