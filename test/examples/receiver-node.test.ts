import { describeReceiver } from './receiver-contract.ts';

describeReceiver({ command: process.execPath, file: 'receiver.mjs' });
