namespace RedLeafSharp.Tests.Hostile.Fuzzing;

/// <summary>Domains that do a little of everything with a contract when they start, and say which of it was not done.</summary>
internal static class Exercisers
{
    private const string Frame = """
        using System; using RedLeafSharp; using RedLeafSharp.Contracts; using RedLeafSharp.Scheduling;
        public sealed class D : IDomain
        {
            public Reply<Unit, DomainError> Start(CallContext context, DomainServices services)
            {
                uint failed = Failures(context, services);
                services.Report(Severity.Information, failed == 0 ? "worked" : "differed in " + failed.ToString());
                return default(Unit);
            }
            public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
            private static uint Bit(int step, bool isOk) => isOk ? 0 : 1u << step;
            private static void Fill(Span<byte> bytes, int seed)
            {
                for (int i = 0; i < bytes.Length; i++) { bytes[i] = (byte)((i * 31) + seed); }
            }
            private static bool IsFilled(ReadOnlySpan<byte> bytes, int seed)
            {
                for (int i = 0; i < bytes.Length; i++) { if (bytes[i] != (byte)((i * 31) + seed)) { return false; } }
                return true;
            }
            BODY
        }
        """;

    private const string Block = """
        private static uint Failures(CallContext context, DomainServices services)
        {
            IBlockDevice device = services.Require<IBlockDevice>();
            Reply<BlockGeometry, BlockError> geometry = device.GetGeometry(context);
            if (!geometry.IsOk || geometry.Value.BlockBytes < 1) { return 1; }
            uint blocks = 8192 / (uint)geometry.Value.BlockBytes;
            uint failed = 0;
            for (int round = 0; round < 4; round++)
            {
                PageBuffer pages = PageBuffer.Allocate(context, 2);
                Fill(pages.BorrowMutable(context), round);
                ulong bus = pages.Lend(context, LoanAccess.DeviceReads);
                failed |= Bit(1, Does(context, device, BlockOperation.Write, (ulong)round * 77, blocks, bus));
                pages.EndLoan(context);
                Fill(pages.BorrowMutable(context), 99);
                bus = pages.Lend(context, LoanAccess.DeviceWrites);
                failed |= Bit(2, Does(context, device, BlockOperation.Read, (ulong)round * 77, blocks, bus));
                pages.EndLoan(context);
                failed |= Bit(3, IsFilled(pages.Borrow(context), round));
                PageBuffer.Free(context, ref pages);
            }
            failed |= Bit(4, Does(context, device, BlockOperation.Flush, 0, 0, 0));
            failed |= Bit(5, Does(context, device, BlockOperation.WriteZeroes, 3, 9, 0));
            failed |= Bit(6, Does(context, device, BlockOperation.Discard, 3, 9, 0));
            failed |= Bit(7, !Does(context, device, BlockOperation.Read, geometry.Value.BlockCount, blocks, 4096));
            return failed;
        }
        private static ulong tag() => 7;
        private static bool Does(CallContext context, IBlockDevice device, BlockOperation operation, ulong first, uint count, ulong bus)
        {
            var requests = new BlockRequest[1];
            requests[0].Tag = tag(); requests[0].Operation = operation; requests[0].FirstBlock = first; requests[0].BlockCount = count;
            requests[0].PageCount = bus == 0 ? 0 : 2;
            var pages = new ulong[2];
            pages[0] = bus; pages[1] = bus + 4096;
            var done = new BlockCompletion[4];
            bool isTaken = false;
            for (int round = 0; round < 12; round++)
            {
                if (!isTaken)
                {
                    Reply<int, BlockError> taken = device.Submit(context, requests, pages);
                    if (!taken.IsOk) { return false; }
                    isTaken = taken.Value == 1;
                }
                Reply<int, BlockError> polled = device.Poll(context, done);
                if (!polled.IsOk) { return false; }
                for (int i = 0; i < polled.Value && i < done.Length; i++)
                {
                    if (done[i].Tag == tag()) { return done[i].Error == BlockError.None; }
                }
                device.Wait(context, 1000);
            }
            return false;
        }
        """;

    private const string File = """
        private static uint Failures(CallContext context, DomainServices services)
        {
            IFileSystem files = services.Require<IFileSystem>();
            Reply<FileSystemStatus, Errno> status = files.GetStatus(context);
            if (!status.IsOk) { return 1; }
            ulong root = status.Value.RootInode;
            Reply<ulong, Errno> file = files.Create(context, root, "a"u8, 0x81A4, 0, 0);
            Reply<ulong, Errno> folder = files.Create(context, root, "d"u8, 0x41ED, 0, 0);
            if (!file.IsOk || !folder.IsOk) { return 1; }
            uint failed = Bit(1, files.Hold(context, file.Value).IsOk && files.Hold(context, folder.Value).IsOk);
            var data = new byte[10000];
            Fill(data, 5);
            failed |= Bit(22, files.Write(context, file.Value, 300, data) is { IsOk: true, Value: 10000 });
            Fill(data, 6);
            failed |= Bit(2, files.Read(context, file.Value, 300, data) is { IsOk: true, Value: 10000 }) | Bit(3, IsFilled(data, 5));
            failed |= Bit(4, files.GetAttributes(context, file.Value) is { IsOk: true, Value.SizeBytes: 10300 });
            failed |= Bit(5, files.CreateSymbolicLink(context, root, "l"u8, "a"u8, 0, 0).IsOk);
            failed |= Bit(6, files.Link(context, file.Value, root, "h"u8).IsOk);
            failed |= Bit(7, files.Rename(context, root, "a"u8, folder.Value, "b"u8, default).IsOk);
            Reply<FileAttributes, Errno> found = files.Lookup(context, folder.Value, "b"u8);
            failed |= Bit(8, found.IsOk) | Bit(9, found.Value.Inode == file.Value);
            failed |= Bit(10, files.SetExtendedAttribute(context, file.Value, "user.x"u8, "y"u8, default).IsOk);
            failed |= Bit(11, files.GetExtendedAttribute(context, file.Value, "user.x"u8, data) is { IsOk: true, Value: 1 });
            failed |= Bit(12, files.Allocate(context, file.Value, 20000, 5000, default).IsOk);
            failed |= Bit(13, files.SeekHole(context, file.Value, 0).IsOk);
            failed |= Bit(14, files.ReadDirectory(context, root, 0, data) is { IsOk: true, Value: > 40 });
            failed |= Bit(15, files.Unlink(context, root, "h"u8).IsOk);
            failed |= Bit(16, files.Unlink(context, folder.Value, "b"u8).IsOk);
            failed |= Bit(17, files.RemoveDirectory(context, root, "d"u8).IsOk);
            failed |= Bit(18, !files.Lookup(context, root, "d"u8).IsOk);
            failed |= Bit(19, files.Release(context, file.Value).IsOk) | Bit(20, files.Release(context, folder.Value).IsOk);
            failed |= Bit(21, files.Sync(context).IsOk);
            return failed;
        }
        """;

    private const string Net = """
        private static uint Failures(CallContext context, DomainServices services)
        {
            INetDevice device = services.Require<INetDevice>();
            Reply<NetDeviceInfo, NetError> info = device.GetInfo(context);
            if (!info.IsOk || !device.GetLink(context).IsOk) { return 1; }
            PageBuffer send = PageBuffer.Allocate(context, 1);
            PageBuffer receive = PageBuffer.Allocate(context, 1);
            Fill(send.BorrowMutable(context), 1);
            var pages = new ulong[1];
            pages[0] = send.Lend(context, LoanAccess.DeviceReads);
            uint failed = Bit(1, device.Register(context, pages, LoanAccess.DeviceReads).IsOk);
            ulong from = pages[0];
            pages[0] = receive.Lend(context, LoanAccess.DeviceWrites);
            failed |= Bit(2, device.Register(context, pages, LoanAccess.DeviceWrites).IsOk);
            failed |= Bit(3, device.Post(context, pages, info.Value.ReceiveBufferBytes).IsOk) | Bit(4, device.SetReceiveFilter(context, default, default).IsOk);
            failed |= Bit(5, device.SetVlans(context, default).IsOk);
            var entries = new TransmitEntry[3];
            entries[0].BusAddress = from; entries[0].LengthBytes = 60;
            entries[1].BusAddress = from + 64; entries[1].LengthBytes = 40; entries[1].Flags = EntryFlags.Continues;
            entries[2].BusAddress = from + 128; entries[2].LengthBytes = 400;
            failed |= Bit(6, device.Send(context, entries) is { IsOk: true, Value: 3 });
            failed |= Bit(7, Gets(context, device, 0, 3)) | Bit(8, device.GetStatistics(context).IsOk);
            failed |= Bit(9, device.Recall(context).IsOk);
            failed |= Bit(10, Gets(context, device, 1, 0));
            return failed;
        }
        private static bool Gets(CallContext context, INetDevice device, int receivedMin, int sentMin)
        {
            var received = new ReceivedFrame[64];
            for (int round = 0; round < 12; round++)
            {
                Reply<NetProgress, NetError> progress = device.Poll(context, received);
                if (!progress.IsOk) { return false; }
                receivedMin -= progress.Value.ReceivedCount;
                sentMin -= progress.Value.SentCount;
                if (receivedMin <= 0 && sentMin <= 0) { return true; }
                KernelEvent.Create(context).Wait(context, 200);
            }
            return false;
        }
        """;

    /// <summary>Lays the folder of each exerciser into a folder of domains.</summary>
    internal static void WriteTo(string folder)
    {
        Write(folder, "BlockExerciser", nameof(Contracts.IBlockDevice), Block);
        Write(folder, "FileExerciser", nameof(Contracts.IFileSystem), File);
        Write(folder, "NetExerciser", nameof(Contracts.INetDevice), Net);
    }

    private static void Write(string folder, string name, string contract, string body)
    {
        string home = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        System.IO.File.WriteAllText(
            Path.Combine(home, "domain.yaml"), $"name: {name}\nentry: D\nrequires: [{contract}]\nassembly: {name}.dll\n");
        System.IO.File.WriteAllBytes(
            Path.Combine(home, $"{name}.dll"), Guest.Compile(Frame.Replace("BODY", body, StringComparison.Ordinal), name));
    }
}
