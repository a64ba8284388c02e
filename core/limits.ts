/** Every limit of the system; each is checked where data enters and again where it is read back. */
export interface Limits {
  /** Bytes of a record as delivered. */
  readonly recordBytesMax: number;
  /** Bytes of a record's body once unpacked. */
  readonly recordUnpackedBytesMax: number;
  /** Events packed in one record. */
  readonly recordEventsMax: number;
  /** Depth of nested JSON arrays and objects in an event. */
  readonly jsonDepthMax: number;
  /** UTF-8 bytes of an event id. */
  readonly idBytesMax: number;
  /** UTF-8 bytes of one key part, or of a text value of `min` and `max`. */
  readonly textBytesMax: number;
  /** Outputs of a transform for one event. */
  readonly transformOutputsMax: number;
  /** Rows of all views in one journal entry. */
  readonly entryRowsMax: number;
  /** Bytes of one journal entry; the state store's own limit applies as well. */
  readonly entryBytesMax: number;
  /** Bytes of an entry, page or head once decompressed. */
  readonly itemUnpackedBytesMax: number;
  /** Bytes of an object of dead letters or late events, before compression. */
  readonly objectBytesMax: number;
  /** How far an event time may be ahead of its arrival unless the pipeline says otherwise, milliseconds. */
  readonly futureSkewMsMax: number;
  /** Bytes of a request body of the HTTP door. */
  readonly requestBytesMax: number;
  /** Bytes of a request body once unpacked. */
  readonly requestUnpackedBytesMax: number;
  /** Events in one request. */
  readonly requestEventsMax: number;
  /** Bytes of all requests that the HTTP door holds until the stream has taken their events. */
  readonly ingestBytesMax: number;
  /** Rows of one answer. */
  readonly answerRowsMax: number;
  /** Live streams that one instance has open. */
  readonly liveConnectionsMax: number;
  /** Seconds after which a live stream ends; clients come back by themselves. */
  readonly liveSecondsMax: number;
  /** Rows that one query may read. */
  readonly queryRowsMax: number;
  /** Pages that one query may read in one partition. */
  readonly queryPagesMax: number;
  /** Seconds after which a pipeline looks whether there is a new version of its reference tables. */
  readonly referenceSecondsMax: number;
  /** Bytes of a reference table as NDJSON. */
  readonly referenceBytesMax: number;
  /** Rows of a reference table. */
  readonly referenceRowsMax: number;
  /** Percent of a partition's latest events from which on a partition key is reported as hot. */
  readonly hotKeyPercentMin: number;
  /** Rows in one call of a sink. */
  readonly sinkRowsMax: number;
  /** Entries between two compactions of a partition. */
  readonly compactEntries: number;
  /** Seconds a warm instance trusts its state of a partition. */
  readonly warmStateSecondsMax: number;
}

/** The limits in force unless a composition says otherwise. */
export const defaultLimits: Limits = {
  recordBytesMax: 1_048_576,
  recordUnpackedBytesMax: 8_388_608,
  recordEventsMax: 10_000,
  jsonDepthMax: 128,
  idBytesMax: 1_024,
  textBytesMax: 1_024,
  transformOutputsMax: 1_000,
  entryRowsMax: 50_000,
  entryBytesMax: 380_000,
  itemUnpackedBytesMax: 67_108_864,
  objectBytesMax: 16_777_216,
  futureSkewMsMax: 3_600_000,
  requestBytesMax: 4_194_304,
  requestUnpackedBytesMax: 8_388_608,
  requestEventsMax: 10_000,
  ingestBytesMax: 67_108_864,
  answerRowsMax: 10_000,
  liveConnectionsMax: 100,
  liveSecondsMax: 25,
  queryRowsMax: 5_000_000,
  queryPagesMax: 10_000,
  referenceSecondsMax: 60,
  referenceBytesMax: 16_777_216,
  referenceRowsMax: 200_000,
  hotKeyPercentMin: 10,
  sinkRowsMax: 100,
  compactEntries: 64,
  warmStateSecondsMax: 600,
};
