/**
 * The module that the host's worker hands to an app under the name `@azure/functions-core`, as source. It prints what
 * is registered, one JSON object per line, and calls nothing.
 */
export const functionsCore = `
let model;
exports.version = '3.9.1';
exports.hostVersion = '4.0.0.0';
exports.Disposable = class { dispose() {} };
exports.log = () => {};
exports.registerHook = () => new exports.Disposable();
exports.setProgrammingModel = (given) => { model = given; };
exports.getProgrammingModel = () => model;
exports.registerFunction = ({ name, bindings }) => {
  console.log(JSON.stringify({ name, trigger: Object.values(bindings)[0] }));
  return new exports.Disposable();
};
`;
