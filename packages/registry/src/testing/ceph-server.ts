// Runs Ceph with a bucket until its input ends: node ceph-server.ts BUCKET; prints a line of JSON with endpoint, key and secret.
import { once } from "node:events";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { startCeph } from "./start-ceph.ts";

const [bucket = ""] = process.argv.slice(2);
await using ceph = await startCeph();
const { endpoint, key, secret } = ceph;
const credentials = { accessKeyId: key, secretAccessKey: secret };
const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
await client.send(new CreateBucketCommand({ Bucket: bucket }));
client.destroy();
process.stdout.write(`${JSON.stringify({ endpoint, key, secret })}\n`);
process.stdin.resume();
await once(process.stdin, "close");
