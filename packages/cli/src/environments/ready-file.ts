/** File in the data folder of `orrery up` that says where it is, as long as it runs. */
export const READY_FILE = "up.json";
