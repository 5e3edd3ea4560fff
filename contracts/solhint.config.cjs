// What solhint holds the contracts to. What is off has its reason; an exception of one place stands there.
module.exports = {
  extends: "solhint:recommended",
  rules: {
    "compiler-version": ["error", "0.8.37"],
    "func-visibility": ["error", { ignoreConstructors: true }],
    "code-complexity": ["error", 15],
    "func-param-name-mixedcase": "error",
    "modifier-name-mixedcase": "error",
    "no-unused-private-funcs": "error",
    "one-contract-per-file": "error",
    reentrancy: "error",
    // Comments say what a call does in sentences, without tags.
    "use-natspec": "off",
    // What events are looked up by is indexed: leases and accounts. An index of an amount finds nothing.
    "gas-indexed-events": "off",
    // Errors and typed data are texts; longer ones than a word cost only whoever deploys, and whoever is refused.
    "gas-small-strings": "off",
    // The optimizer does both.
    "gas-strict-inequalities": "off",
    "gas-increment-by-one": "off",
    // The compiler finds imports, by the remappings of foundry.toml, which solhint does not read.
    "import-path-check": "off",
  },
};
