import { registerHooks } from 'node:module';

const stand = new URL('absent-client.cjs', import.meta.url).href;

/**
 * aws-lambda-stream loads the clients of all services that it knows, and asks its user to install them. The task needs
 * DynamoDB alone: of the others that are not there an empty module takes the place, so that whatever did call one would
 * fail.
 */
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!specifier.startsWith('@aws-sdk/client-')) throw error;
      return { url: stand, format: 'commonjs', shortCircuit: true };
    }
  },
});
