import { describeReceiver } from '../examples/receiver-contract.ts';

describeReceiver({ command: 'python3', file: 'receiver.py' });
