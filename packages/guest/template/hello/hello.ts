/** A mechtron to begin with. */
import { defineMechtron, GuestError } from "@orrery/guest";

export default defineMechtron({
  services: {
    greeter: {
      hello({ name }: { name: string }, { agent }) {
        if (name === "") throw new GuestError("invalid_argument", 'Cannot greet "": a name has letters');
        return { text: `Hello ${name}, says ${agent}` };
      },
    },
  },
  http: ({ path }) => ({ body: `Hello from ${path}\n` }),
});
