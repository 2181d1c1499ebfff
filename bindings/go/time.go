package tocsin

import "time"

// isTime tells whether the text is a time of PROTOCOL.md section 1.2.
func isTime(text []byte) bool {
	if len(text) < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return false
	}
	ok := true
	pair := func(at int) int {
		tens, ones := text[at]-'0', text[at+1]-'0'
		ok = ok && tens <= 9 && ones <= 9
		return int(tens)*10 + int(ones)
	}
	year, month, day := pair(0)*100+pair(2), pair(5), pair(8)
	hour, minute, second := pair(11), pair(14), pair(17)
	if !ok || hour > 23 || minute > 59 || second > 60 || !isDate(year, month, day) {
		return false
	}
	rest := text[19:]
	if rest[0] == '.' {
		digits := 0
		for rest = rest[1:]; len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9'; rest = rest[1:] {
			digits++
		}
		if digits < 1 || digits > 9 {
			return false
		}
	}
	offset, ok := offsetOf(rest)
	utc := (hour*60 + minute - offset + 2*1440) % 1440
	return ok && (second < 60 || utc == 1439)
}

func isDate(year, month, day int) bool {
	days := [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return day <= 29
	}
	return day <= days[month]
}

// offsetOf reads Z or +hh:mm, in minutes.
func offsetOf(text []byte) (int, bool) {
	if len(text) == 1 {
		return 0, text[0] == 'Z'
	}
	if len(text) != 6 || text[0] != '+' && text[0] != '-' || text[3] != ':' {
		return 0, false
	}
	for _, at := range [...]int{1, 2, 4, 5} {
		if text[at] < '0' || text[at] > '9' {
			return 0, false
		}
	}
	hours := int(text[1]-'0')*10 + int(text[2]-'0')
	minutes := int(text[4]-'0')*10 + int(text[5]-'0')
	offset := hours*60 + minutes
	if text[0] == '-' {
		offset = -offset
	}
	return offset, hours <= 23 && minutes <= 59
}

// FormatTime writes a time as events carry it, in RFC 3339 with its own offset and as many digits as it needs.
func FormatTime(t time.Time) string { return t.Format(time.RFC3339Nano) }

// formatReceived writes microseconds since 1970 as the broker does.
func formatReceived(us uint64) string {
	return time.UnixMicro(int64(us)).UTC().Format("2006-01-02T15:04:05.000000Z")
}
