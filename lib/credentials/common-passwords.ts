/**
 * Passwords that guessing tools try first and that an eight-character minimum lets through (NIST SP 800-63B-4 section 3.1.1.2 asks
 * for a blocklist; ASVS 5.0 6.2.4 for the top 3000 that fit the policy). Compared in lower case. Shorter ones are out anyway.
 */
const list = `
123456789 1234567890 12345678 11111111 00000000 87654321 123123123 987654321 password password1 password12 password123
password1234 passw0rd p@ssw0rd p@ssword qwertyui qwertyuiop qwerty123 qwerty1234 qwerty12 1q2w3e4r 1q2w3e4r5t 1qaz2wsx zaq12wsx
qazwsxedc asdfghjk asdfghjkl zxcvbnm1 iloveyou iloveyou1 sunshine princess football baseball superman batman123 trustno1
letmein1 letmein123 welcome1 welcome123 welcome01 admin123 admin1234 administrator changeme changeme1 changeme123 default1
dragon123 monkey123 master123 shadow123 michael1 jennifer computer internet whatever starwars pokemon1 liverpool
chelsea1 arsenal1 abcd1234 abc12345 abcdefgh a1b2c3d4 aa123456 asdf1234 test1234 testtest secret123 mypassword
google123 samsung1 hello123 charlie1 jordan23 maverick mercedes corvette midnight mustang1 cocacola chocolate butterfly
passpass superstar success1 spiderman danielle elizabeth victoria december november september football1 baseball1
88888888 99999999 77777777 66666666 55555555 44444444 33333333 22222222 12341234 12121212 69696969 01234567 0123456789
11223344 112233445566 147258369 159753456 789456123 741852963 q1w2e3r4 q1w2e3r4t5 1234qwer qwer1234 asdfasdf asdqwe123
aaaaaaaa abc123456 abcabc123 azertyuiop azerty123 motdepasse passwort passwort1 hallo123 schalke04 contraseña contrasena
senha123 mudar123 parola123 haslo123 parole123 wachtwoord lozenord summer2024 summer2025 summer2026 winter2024 winter2025
winter2026 spring2025 spring2026 autumn2025 autumn2026 company123 server123 root1234 rootroot toor1234 oracle123 cisco123
apikey123 letmeinn opensesame access123 login123 user1234 username guest123 temp1234 temppass password! password1! passw0rd!
p@ssw0rd1 p@ssw0rd123 pa55word pa$$word qwerty!@ !qaz2wsx 1qaz@wsx
`
export const commonPasswords: ReadonlySet<string> = new Set(list.trim().split(/\s+/))
