// What cdk-nag says about each template of a folder: every pack that it ships, on the template as cloudformation-include
// reads it. Prints JSON: template → {findings: [[rule, logical id]], milliseconds, resources}.
//
//   node nag.js FOLDER        (in a folder where aws-cdk-lib, cdk-nag and constructs are installed)

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { createRequire } = require("node:module");
const load = createRequire(path.join(process.cwd(), "package.json"));
const { App, Stack, CfnResource } = load("aws-cdk-lib");
const { CfnInclude } = load("aws-cdk-lib/cloudformation-include");
const eks = load("aws-cdk-lib/aws-eks");
const nag = load("cdk-nag");

const PACKS = [
  "AwsSolutionsChecks",
  "HIPAASecurityChecks",
  "NIST80053R5Checks",
  "PCIDSS321Checks",
  "ServerlessChecks",
];

// cloudformation-include makes an EKS cluster of the module aws-eks-v2, which cdk-nag's rules do not look at: it is made
// as a CDK application makes it.
function clustersApart(stack, file) {
  const template = JSON.parse(fs.readFileSync(file, "utf-8"));
  for (const [name, one] of Object.entries(template.Resources))
    if (one.Type === "AWS::EKS::Cluster") {
      new eks.CfnCluster(stack, name, lowered(one.Properties));
      delete template.Resources[name];
    }
  return template;
}

function lowered(value) {
  if (Array.isArray(value)) return value.map(lowered);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key[0].toLowerCase() + key.slice(1), lowered(one)]));
}

function judge(file) {
  const stack = new Stack(new App(), "Case");
  const template = clustersApart(stack, file);
  if (Object.keys(template.Resources).length > 0) {
    const rest = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "nag-")), "template.json");
    fs.writeFileSync(rest, JSON.stringify(template));
    new CfnInclude(stack, "Template", { templateFile: rest });
    fs.rmSync(path.dirname(rest), { recursive: true });
  }
  const resources = stack.node.findAll().filter((one) => CfnResource.isCfnResource(one));
  const findings = [];
  const start = process.hrtime.bigint();
  for (const name of PACKS) {
    const report = new nag[name](stack).validateScope(stack);
    for (const violation of report.violations ?? [])
      for (const resource of violation.violatingResources) findings.push([violation.ruleName, resource.resourceLogicalId]);
  }
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  return { findings, milliseconds, resources: resources.length };
}

const folder = process.argv[2];
const told = {};
for (const name of fs.readdirSync(folder).sort()) {
  try {
    told[name] = judge(path.join(folder, name));
  } catch (error) {
    told[name] = { error: String(error.message), findings: [], milliseconds: 0, resources: 0 };
  }
}
console.log(JSON.stringify(told));
