import type { z } from 'zod';
import type { Graph } from './graph.ts';
import type { ModelManifest } from './manifest.ts';
import type { Task, TaskEvent, TaskInput } from './tasks.ts';

/** Arguments for opening a model. */
export interface DriverContext<Settings> {
  readonly manifest: ModelManifest;
  /** The manifest's settings, checked. */
  readonly settings: Settings;
  /**
   * Reads a file that the manifest lists.
   * @throws {ModelFault} for one that it does not list.
   */
  readonly read: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Opens an ONNX graph that the manifest lists.
   * @throws {ModelFault} when the runtime can't open it.
   */
  readonly open: (path: string) => Promise<Graph>;
}

/** A model in memory. Calls come one after the other. */
export interface LoadedModel<T extends Task> {
  /**
   * Runs the task once.
   * @throws the signal's reason between two steps; {@link SoriError} for inputs that the model can't take.
   */
  run(input: TaskInput<T>, signal: AbortSignal): AsyncIterable<TaskEvent<T>>;
}

/** The manifest that a driver makes for a folder without `model.json`. */
export type ManifestDraft = Omit<ModelManifest, 'files' | 'schemaVersion' | 'created'> & {
  readonly created?: number;
  /** Files of the folder that belong to the model. */
  readonly paths: readonly string[];
};

/** Code that runs models of one kind. It runs in a thread of its own and may occupy it. */
export interface ModelDriver<T extends Task = Task, Settings = unknown> {
  readonly name: string;
  readonly task: T;
  /** Form of the manifest's `settings`. */
  readonly settings: z.ZodType<Settings>;
  /**
   * Opens a model and checks that its graphs have the inputs and outputs that this driver uses.
   * @throws {ModelFault} with the mismatch.
   */
  open(context: DriverContext<Settings>): Promise<LoadedModel<T>>;
  /** Inputs that use all graphs of a model, to try it when it is added. */
  trials(manifest: ModelManifest): readonly TaskInput<T>[];
  /**
   * Recognizes a folder that has no `model.json`, by the names of its files.
   * @returns `undefined` for a folder of another kind.
   */
  recognize?(paths: readonly string[]): ManifestDraft | undefined;
}
