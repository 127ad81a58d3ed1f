// Where the users of the stage live, and where its channels do.
export const HOME = "shakespeare.example";
export const SERVICE = "mix.shakespeare.example";
