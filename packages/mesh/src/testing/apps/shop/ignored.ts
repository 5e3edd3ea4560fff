throw new Error("An index speaks for its folder: nobody may load this");
